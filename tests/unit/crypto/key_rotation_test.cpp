#include "crypto/key_rotation.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "support/temp_folder.h"

namespace portal::crypto {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using std::chrono::minutes;

const base::WallTime kNow = *base::ParseRfc3339("2025-09-02T10:00:00Z");

class KeyRotation : public ::testing::Test {
 protected:
  KeyRotation() { EXPECT_TRUE(EnsureKeyFile(folder_, kNow)); }

  std::vector<KeyRecord> Keys() const {
    auto keys = ReadKeyFile(folder_);
    EXPECT_TRUE(keys) << keys.error().internal;
    return keys ? *keys : std::vector<KeyRecord>{};
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const KeyRecord& key : Keys()) ids.push_back(key.id);
    return ids;
  }
  base::Status RotateAt(base::WallTime now, base::WallTime verify_until) {
    return ChangeKeyFile(folder_, [&](std::vector<KeyRecord>& keys) { return Rotate(keys, now, verify_until); });
  }
  base::Status RevokeNow(std::string_view id) {
    return ChangeKeyFile(folder_, [&](std::vector<KeyRecord>& keys) { return Revoke(keys, id, kNow); });
  }

  const testing::TempFolder data_;
  const fs::path folder_ = data_.path() / "keys";
};

TEST_F(KeyRotation, ANewKeySignsAndTheOldOneVerifiesUntilItsEnd) {
  const KeyRecord first = Keys().at(0);
  ASSERT_TRUE(RotateAt(kNow, kNow + minutes{16}));
  const auto keys = Keys();
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_NE(keys[0].id, first.id);
  EXPECT_NE(keys[0].secret, first.secret);
  EXPECT_EQ(keys[0].created_at, kNow);
  EXPECT_FALSE(keys[0].verify_until);
  EXPECT_EQ(keys[1].id, first.id);
  EXPECT_EQ(keys[1].secret, first.secret);
  EXPECT_EQ(keys[1].created_at, first.created_at);
  EXPECT_EQ(keys[1].verify_until, kNow + minutes{16});
  EXPECT_EQ(fs::status(folder_ / kKeyFileName).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(KeyRotation, WhatHasEndedIsDroppedByTheNextRotation) {
  ASSERT_TRUE(RotateAt(kNow, kNow + minutes{1}));
  ASSERT_TRUE(RotateAt(kNow, kNow + minutes{2}));
  const auto before = Ids();
  ASSERT_EQ(before.size(), 3u);
  ASSERT_TRUE(RotateAt(kNow + minutes{1}, kNow + minutes{3}));
  const auto after = Ids();
  EXPECT_EQ(std::vector<std::string>(after.begin() + 1, after.end()),
            std::vector<std::string>(before.begin(), before.begin() + 2));
}

TEST_F(KeyRotation, KeysThatStillVerifyAreLimited) {
  for (std::size_t i = 1; i < kMaxKeys; ++i) ASSERT_TRUE(RotateAt(kNow, kNow + minutes{1})) << i;
  const auto full = Ids();
  const auto refused = RotateAt(kNow, kNow + minutes{1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(Ids(), full);
  EXPECT_TRUE(RotateAt(kNow + minutes{1}, kNow + minutes{2}));
  EXPECT_EQ(Ids().size(), 2u);
}

TEST_F(KeyRotation, ARevokedKeyIsGoneAndASigningOneIsReplaced) {
  ASSERT_TRUE(RotateAt(kNow, kNow + minutes{16}));
  const auto ids = Ids();
  ASSERT_TRUE(RevokeNow(ids[1]));
  EXPECT_EQ(Ids(), std::vector<std::string>{ids[0]});
  ASSERT_TRUE(RevokeNow(ids[0]));
  const auto last = Keys();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_NE(last[0].id, ids[0]);
  EXPECT_FALSE(last[0].verify_until);
}

TEST_F(KeyRotation, ARevokedSigningKeyLeavesTheRetiredOnesAlone) {
  ASSERT_TRUE(RotateAt(kNow, kNow + minutes{16}));
  const auto before = Keys();
  ASSERT_TRUE(RevokeNow(before[0].id));
  const auto after = Keys();
  ASSERT_EQ(after.size(), 2u);
  EXPECT_NE(after[0].secret, before[0].secret);
  EXPECT_EQ(after[1].id, before[1].id);
  EXPECT_EQ(after[1].secret, before[1].secret);
}

TEST_F(KeyRotation, RevokingAllLeavesOneNewKey) {
  ASSERT_TRUE(RotateAt(kNow, kNow + minutes{16}));
  const auto before = Ids();
  ASSERT_TRUE(ChangeKeyFile(folder_, [&](std::vector<KeyRecord>& keys) -> base::Status {
    RevokeAll(keys, kNow);
    return {};
  }));
  const auto after = Ids();
  ASSERT_EQ(after.size(), 1u);
  EXPECT_FALSE(std::set<std::string>(before.begin(), before.end()).contains(after[0]));
}

TEST_F(KeyRotation, AnUnknownKeyIsNamedAndNothingChanges) {
  const auto before = Ids();
  const auto refused = RevokeNow("key_absent");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_NE(refused.error().detail.find("key_absent"), std::string::npos);
  EXPECT_EQ(Ids(), before);
}

TEST_F(KeyRotation, WhereThereAreNoKeysThereIsNothingToChange) {
  for (const char* folder : {"absent", "empty"}) {
    fs::create_directory(data_.path() / "empty");
    const auto refused = ChangeKeyFile(data_.path() / folder, [](std::vector<KeyRecord>&) -> base::Status {
      ADD_FAILURE() << "there is nothing to change";
      return {};
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kNotFound) << folder;
  }
}

TEST_F(KeyRotation, ProcessesThatRotateAtOnceUndoNothingOfEachOther) {
  constexpr int kProcesses = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(RotateAt(kNow, kNow + minutes{1}) ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const auto ids = Ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), kProcesses + 1u);
}

}  // namespace
}  // namespace portal::crypto
