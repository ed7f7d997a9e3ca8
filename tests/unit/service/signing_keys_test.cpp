#include "service/signing_keys.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "crypto/key_file.h"
#include "crypto/key_rotation.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using crypto::KeyRecord;
using std::chrono::milliseconds;
using std::chrono::minutes;

class SigningKeysTest : public ::testing::Test {
 protected:
  static constexpr std::chrono::hours kOverlap{1};

  std::unique_ptr<SigningKeys> Open() {
    auto keys = SigningKeys::Open(folder_, clock_, *logger_);
    if (!keys) throw std::runtime_error(keys.error().internal);
    return std::move(*keys);
  }
  void Rotate(std::chrono::hours overlap = kOverlap) {
    ASSERT_TRUE(crypto::ChangeKeyFile(folder_, [&](std::vector<KeyRecord>& keys) {
      return crypto::Rotate(keys, clock_.Wall(), clock_.Wall() + overlap);
    }));
  }
  void RevokeAll() {
    ASSERT_TRUE(crypto::ChangeKeyFile(folder_, [&](std::vector<KeyRecord>& keys) -> base::Status {
      crypto::RevokeAll(keys, clock_.Wall());
      return {};
    }));
  }
  bool Verifies(SigningKeys& keys, const crypto::Mac& mac) { return keys.Current()->Verify("m", mac, clock_.Wall()); }
  /// All that was logged; nothing is logged after it.
  std::string Log() {
    logger_.reset();
    std::ostringstream text;
    text << std::ifstream(log_file_).rdbuf();
    return text.str();
  }
  static int Count(const std::string& text, std::string_view word) {
    int count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
    return count;
  }

  const testing::TempFolder data_;
  const fs::path folder_ = data_.path() / "keys";
  const fs::path file_ = folder_ / crypto::kKeyFileName;
  const fs::path log_file_ = data_.path() / "log";
  testing::ManualClock clock_;
  const base::UniqueFd log_{::open(log_file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  std::unique_ptr<base::Logger> logger_ = std::make_unique<base::Logger>(clock_, log_.get(), base::LogLevel::kInfo);
};

TEST_F(SigningKeysTest, MakesTheFileOnceAndSharesItsKeys) {
  const auto one = Open();
  const auto other = Open();
  EXPECT_TRUE(Verifies(*other, one->Current()->signing_key().Sign("m")));
}

TEST_F(SigningKeysTest, FollowsARotationInEveryProcessAndKeepsWhatWasSigned) {
  const auto one = Open();
  const auto other = Open();
  const crypto::Mac before = one->Current()->signing_key().Sign("m");
  Rotate();
  clock_.Advance(SigningKeys::kLookEvery);
  const crypto::Mac after = one->Current()->signing_key().Sign("m");
  EXPECT_FALSE(crypto::Equal(before, after));
  for (SigningKeys* keys : {one.get(), other.get()}) {
    EXPECT_TRUE(Verifies(*keys, before));
    EXPECT_TRUE(Verifies(*keys, after));
  }
  clock_.Advance(kOverlap);
  EXPECT_FALSE(Verifies(*other, before));
  EXPECT_TRUE(Verifies(*other, after));
}

TEST_F(SigningKeysTest, ARevokedKeyEndsWithTheNextLook) {
  const auto keys = Open();
  const crypto::Mac before = keys->Current()->signing_key().Sign("m");
  RevokeAll();
  clock_.Advance(SigningKeys::kLookEvery);
  EXPECT_FALSE(Verifies(*keys, before));
  EXPECT_TRUE(Verifies(*keys, keys->Current()->signing_key().Sign("m")));
}

TEST_F(SigningKeysTest, LooksOnceInAWhileAndNotWithEveryRequest) {
  const auto keys = Open();
  const auto ring = keys->Current();
  Rotate();
  clock_.Advance(SigningKeys::kLookEvery - milliseconds{1});
  EXPECT_EQ(keys->Current(), ring);
  clock_.Advance(milliseconds{1});
  EXPECT_NE(keys->Current(), ring);
}

TEST_F(SigningKeysTest, WhatANewerKeySignedIsAcceptedBeforeTheNextLook) {
  const auto signer = Open();
  const auto verifier = Open();
  const auto verify = [&](const crypto::Mac& mac) {
    return verifier->Accept([&](const crypto::KeyRing& keys) { return keys.Verify("m", mac, clock_.Wall()); });
  };
  Rotate();
  const crypto::Mac newer = Open()->Current()->signing_key().Sign("m");
  const crypto::Mac older = signer->Current()->signing_key().Sign("m");
  EXPECT_TRUE(verify(newer));
  EXPECT_TRUE(verify(older));
  EXPECT_FALSE(verify(crypto::Mac{}));
  // What is refused makes nobody read the file again.
  const auto ring = verifier->Current();
  EXPECT_FALSE(verify(crypto::Mac{}));
  EXPECT_EQ(verifier->Current(), ring);
}

TEST_F(SigningKeysTest, AFileThatIsTheSameIsNotReadAgain) {
  const auto keys = Open();
  const auto ring = keys->Current();
  clock_.Advance(minutes{1});
  EXPECT_EQ(keys->Current(), ring);
}

TEST_F(SigningKeysTest, WhoHoldsAnOldRingKeepsItAndTheLastOneLetsItGo) {
  const auto keys = Open();
  std::shared_ptr<const crypto::KeyRing> held = keys->Current();
  const std::weak_ptr<const crypto::KeyRing> watched = held;
  const crypto::Mac mac = held->signing_key().Sign("m");
  RevokeAll();
  clock_.Advance(SigningKeys::kLookEvery);
  static_cast<void>(keys->Current());
  EXPECT_TRUE(held->Verify("m", mac, clock_.Wall()));
  held.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(SigningKeysTest, AnUnusableFileLeavesTheKeysAndIsLoggedOnce) {
  const auto keys = Open();
  const auto ring = keys->Current();
  const std::string good = [&] {
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }();
  struct Case {
    const char* what;
    std::function<void()> spoil;
  };
  const std::vector<Case> cases = {
      {"damaged", [&] { std::ofstream(file_) << "{}"; }},
      {"readable by others", [&] { std::ofstream(file_) << good, ::chmod(file_.c_str(), 0644); }},
      {"removed", [&] { fs::remove(file_); }},
  };
  for (const Case& one : cases) {
    one.spoil();
    for (int looks = 0; looks < 3; ++looks) {
      clock_.Advance(SigningKeys::kLookEvery);
      EXPECT_EQ(keys->Current(), ring) << one.what;
    }
  }
  // Mended, also by nothing but its permissions, it is used again.
  std::ofstream(file_) << good;
  ::chmod(file_.c_str(), 0644);
  clock_.Advance(SigningKeys::kLookEvery);
  EXPECT_EQ(keys->Current(), ring);
  ::chmod(file_.c_str(), 0600);
  clock_.Advance(SigningKeys::kLookEvery);
  EXPECT_NE(keys->Current(), ring);
  EXPECT_TRUE(Verifies(*keys, ring->signing_key().Sign("m")));
  const std::string log = Log();
  EXPECT_EQ(Count(log, "signing_keys_unusable"), 4) << log;
  EXPECT_EQ(Count(log, "signing_keys_changed"), 1) << log;
  EXPECT_EQ(Count(log, "\"secret\""), 0) << log;
}

TEST_F(SigningKeysTest, CannotBeOpenedWithoutUsableKeys) {
  fs::create_directory(folder_);
  std::ofstream(file_) << "{}";
  ::chmod(file_.c_str(), 0600);
  const auto refused = SigningKeys::Open(folder_, clock_, *logger_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
}

TEST_F(SigningKeysTest, UnderRotationWhatOnePortalSignsTheOtherAccepts) {
  const auto signer = Open();
  const auto verifier = Open();
  std::atomic<bool> done{false};
  std::atomic<int> refused{0}, accepted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const crypto::Mac mac = signer->Current()->signing_key().Sign("m");
        clock_.Advance(milliseconds{1});
        const bool good =
            verifier->Accept([&](const crypto::KeyRing& keys) { return keys.Verify("m", mac, clock_.Wall()); });
        (good ? accepted : refused)++;
      }
    });
  }
  for (std::size_t i = 0; i + 1 < crypto::kMaxKeys; ++i) {
    Rotate();
    const int seen = accepted;
    while (accepted < seen + 2 && refused == 0) std::this_thread::yield();
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace portal::service
