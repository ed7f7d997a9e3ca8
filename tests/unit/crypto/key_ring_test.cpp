#include "crypto/key_ring.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "base/hex.h"
#include "base/time_text.h"
#include "crypto/key_file.h"
#include "support/temp_folder.h"

namespace portal::crypto {
namespace {

KeyedHash::Tag TagOf(const KeyRing& ring, std::string_view text) { return ring.Tag({&text, 1}); }
bool VerifiesTag(const KeyRing& ring, std::string_view text, const KeyedHash::Tag& tag, base::WallTime now) {
  return ring.VerifyTag({&text, 1}, tag, now);
}

/// As a portal does that starts.
base::Result<KeyRing> LoadOrCreate(const std::filesystem::path& keys_folder, base::WallTime now) {
  if (auto made = EnsureKeyFile(keys_folder, now); !made) return base::Fail(std::move(made).error());
  return KeyRing::Load(keys_folder);
}

namespace fs = std::filesystem;
using base::ErrorCode;

const base::WallTime kNow = *base::ParseRfc3339("2025-09-02T10:00:00Z");
const std::string kNewSecret(64, 'a');
const std::string kOldSecret(64, 'b');

std::string Read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void WriteKeys(const fs::path& folder, std::string_view text, mode_t mode = 0600) {
  fs::create_directory(folder / "keys");
  const fs::path file = folder / "keys" / "signing.json";
  std::ofstream(file, std::ios::trunc) << text;
  ASSERT_EQ(::chmod(file.c_str(), mode), 0);
}

std::string TwoKeys(std::string_view verify_until) {
  return R"({"version":1,"keys":[{"id":"key_b","secret":")" + kNewSecret +
         R"(","created_at":"2025-09-01T00:00:00Z"},{"id":"key_a","secret":")" + kOldSecret +
         R"(","created_at":"2025-01-01T00:00:00Z","verify_until":")" + std::string(verify_until) + R"("}]})";
}

Mac SignedBy(const std::string& secret_digits, std::string_view message) {
  Secret secret;
  EXPECT_TRUE(base::FromHex(secret_digits, secret));
  return HmacKey(secret).Sign(message);
}

TEST(KeyRing, MakesAPrivateFileWithOneKeyAndFindsItAgain) {
  const testing::TempFolder data;
  const auto first = LoadOrCreate(data.path() / "keys", kNow);
  ASSERT_TRUE(first) << first.error().internal;
  const fs::path keys = data.path() / "keys";
  EXPECT_EQ(fs::status(keys).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(keys / "signing.json").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(keys), {}), 1);
  EXPECT_TRUE(std::regex_search(Read(keys / "signing.json"), std::regex(R"("secret": "[0-9a-f]{64}")")));

  const auto second = LoadOrCreate(data.path() / "keys", kNow);
  ASSERT_TRUE(second) << second.error().internal;
  EXPECT_TRUE(second->Verify("message", first->signing_key().Sign("message"), kNow));
  EXPECT_TRUE(VerifiesTag(*second, "x", TagOf(*first, "x"), kNow));
}

TEST(KeyRing, TwoDataFoldersHaveDifferentKeys) {
  const testing::TempFolder a, b;
  const auto first = LoadOrCreate(a.path() / "keys", kNow);
  const auto second = LoadOrCreate(b.path() / "keys", kNow);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(second->Verify("message", first->signing_key().Sign("message"), kNow));
}

TEST(KeyRing, ProcessesThatStartTogetherAgreeOnOneKey) {
  const testing::TempFolder data;
  int results[2];
  ASSERT_EQ(::pipe(results), 0);
  constexpr int kProcesses = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto ring = LoadOrCreate(data.path() / "keys", kNow);
      Mac mac{};
      if (ring) mac = ring->signing_key().Sign("message");
      ::_exit(ring && ::write(results[1], mac.data(), mac.size()) == static_cast<ssize_t>(mac.size()) ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  ::close(results[1]);
  const auto ring = LoadOrCreate(data.path() / "keys", kNow);
  ASSERT_TRUE(ring);
  Mac mac;
  int macs = 0;
  for (; ::read(results[0], mac.data(), mac.size()) == static_cast<ssize_t>(mac.size()); ++macs) {
    EXPECT_TRUE(Equal(mac, ring->signing_key().Sign("message")));
  }
  ::close(results[0]);
  EXPECT_EQ(macs, kProcesses);
}

TEST(KeyRing, SignsWithTheFirstKeyAndVerifiesWithRetiredOnesUntilTheirEnd) {
  const testing::TempFolder data;
  WriteKeys(data.path(), TwoKeys("2025-09-02T10:00:00Z"));
  const auto ring = LoadOrCreate(data.path() / "keys", kNow);
  ASSERT_TRUE(ring) << ring.error().detail;
  EXPECT_TRUE(Equal(ring->signing_key().Sign("m"), SignedBy(kNewSecret, "m")));
  EXPECT_TRUE(ring->Verify("m", SignedBy(kNewSecret, "m"), kNow));
  EXPECT_TRUE(ring->Verify("m", SignedBy(kOldSecret, "m"), kNow - std::chrono::milliseconds{1}));
  EXPECT_FALSE(ring->Verify("m", SignedBy(kOldSecret, "m"), kNow));
  EXPECT_FALSE(ring->Verify("m", SignedBy(std::string(64, 'c'), "m"), kNow));
}

TEST(KeyRing, TagsOfARetiredKeyVerifyUntilItsEnd) {
  const testing::TempFolder before, after;
  WriteKeys(before.path(), R"({"version":1,"keys":[{"id":"key_a","secret":")" + kOldSecret +
                               R"(","created_at":"2025-01-01T00:00:00Z"}]})");
  WriteKeys(after.path(), TwoKeys("2025-09-02T10:00:00Z"));
  const auto old_ring = LoadOrCreate(before.path() / "keys", kNow);
  const auto new_ring = LoadOrCreate(after.path() / "keys", kNow);
  ASSERT_TRUE(old_ring && new_ring);
  const KeyedHash::Tag old_tag = TagOf(*old_ring, "m"), new_tag = TagOf(*new_ring, "m");
  EXPECT_NE(old_tag, new_tag);
  EXPECT_TRUE(VerifiesTag(*new_ring, "m", old_tag, kNow - std::chrono::milliseconds{1}));
  EXPECT_FALSE(VerifiesTag(*new_ring, "m", old_tag, kNow));
  EXPECT_TRUE(VerifiesTag(*new_ring, "m", new_tag, kNow));
  EXPECT_FALSE(VerifiesTag(*new_ring, "n", new_tag, kNow));
  EXPECT_FALSE(VerifiesTag(*old_ring, "m", new_tag, kNow));
}

TEST(KeyRing, RefusesAFileThatOthersCanRead) {
  for (const mode_t mode : {0640, 0604, 0660, 0620, 0601}) {
    const testing::TempFolder data;
    WriteKeys(data.path(), TwoKeys("2025-09-03T00:00:00Z"), mode);
    const auto ring = LoadOrCreate(data.path() / "keys", kNow);
    ASSERT_FALSE(ring) << std::oct << mode;
    EXPECT_EQ(ring.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(ring.error().detail.find("chmod 600"), std::string::npos);
    EXPECT_EQ(ring.error().detail.find(data.path().string()), std::string::npos) << "a path is for the log alone";
  }
}

TEST(KeyRing, RefusesWhatIsNoKeyFileAndLeavesItAlone) {
  const std::string key = R"({"id":"k","secret":")" + kNewSecret + R"(","created_at":"2025-09-01T00:00:00Z"})";
  const std::vector<std::string> damaged = {
      "",
      "not json",
      "[]",
      "{}",
      R"({"version":2,"keys":[)" + key + "]}",
      R"({"version":"1","keys":[)" + key + "]}",
      R"({"version":1,"keys":[]})",
      R"({"version":1,"keys":{}})",
      R"({"version":1,"keys":[7]})",
      R"({"version":1,"keys":[)" + key + "," + key + "]}",  // a retired key without an end
      R"({"version":1,"keys":[{"id":"k","secret":"abcd","created_at":"2025-09-01T00:00:00Z"}]})",
      R"({"version":1,"keys":[{"id":"k","secret":")" + kNewSecret + R"("}]})",
      R"({"version":1,"keys":[{"id":"k","secret":")" + kNewSecret +
          R"(","created_at":"2025-09-01T00:00:00Z","verify_until":"2025-09-01T00:00:00Z"}]})",
      TwoKeys("soon"),
      TwoKeys("2025-09-03T00:00:00Z") + std::string(70'000, ' '),
  };
  for (const std::string& text : damaged) {
    const testing::TempFolder data;
    WriteKeys(data.path(), text);
    const auto ring = LoadOrCreate(data.path() / "keys", kNow);
    ASSERT_FALSE(ring) << text.substr(0, 200);
    EXPECT_EQ(ring.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(ring.error().detail.find(kNewSecret), std::string::npos);
    EXPECT_EQ(Read(data.path() / "keys" / "signing.json"), text);
  }
}

TEST(KeyRing, RefusesAFolderInPlaceOfTheFile) {
  const testing::TempFolder data;
  fs::create_directories(data.path() / "keys" / "signing.json");
  EXPECT_FALSE(LoadOrCreate(data.path() / "keys", kNow));
}

TEST(KeyRing, SaysWhenTheDataFolderIsMissing) {
  const testing::TempFolder data;
  const auto ring = LoadOrCreate(data.path() / "absent" / "keys", kNow);
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().code, ErrorCode::kUnavailable);
}

TEST(KeyRing, AHalfWrittenFileOfADeadProcessIsNoHindrance) {
  const testing::TempFolder data;
  fs::create_directory(data.path() / "keys");
  std::ofstream(data.path() / "keys" / "signing.json.new") << R"({"version":1,"ke)";
  EXPECT_TRUE(LoadOrCreate(data.path() / "keys", kNow));
  EXPECT_FALSE(fs::exists(data.path() / "keys" / "signing.json.new"));
}

}  // namespace
}  // namespace portal::crypto
