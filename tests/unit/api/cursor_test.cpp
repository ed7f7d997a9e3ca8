#include "api/cursor.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/logger.h"
#include "base/time_text.h"
#include "crypto/key_file.h"
#include "crypto/sodium.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::api {
namespace {

/// The cursors of a portal with these keys, newest first; all but the first are retired and verify until `kRetired`.
class KeyedCursors {
 public:
  explicit KeyedCursors(std::vector<char> keys) {
    crypto::Initialize();
    std::string list;
    for (const char digit : keys) {
      list += list.empty() ? "" : ",";
      list += R"({"id":"key_)" + std::string(1, digit) + R"(","secret":")" + std::string(64, digit) +
              R"(","created_at":"2025-01-01T00:00:00Z")";
      list += digit == keys.front() ? "}" : R"(,"verify_until":")" + base::FormatRfc3339(kRetired) + R"("})";
    }
    const auto file = folder_.path() / crypto::kKeyFileName;
    std::ofstream(file) << R"({"version":1,"keys":[)" << list << "]}";
    using std::filesystem::perms;
    std::filesystem::permissions(file, perms::owner_read | perms::owner_write);
    keys_ = *service::SigningKeys::Open(folder_.path(), clock_, logger_);
  }
  static inline const base::WallTime kRetired = *base::ParseRfc3339("2025-09-02T10:00:00Z");
  static inline const base::WallTime kBefore = kRetired - std::chrono::milliseconds{1};

  std::string Encode(std::string_view scope, const model::PageStart& start) const {
    return Cursors(*keys_).Encode(scope, start);
  }
  std::optional<model::PageStart> Decode(std::string_view scope, std::string_view text,
                                         base::WallTime now = kBefore) const {
    return Cursors(*keys_).Decode(scope, text, now);
  }

 private:
  const testing::TempFolder folder_;
  const testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  std::unique_ptr<service::SigningKeys> keys_;
};

class CursorTest : public ::testing::Test {
 protected:
  static model::PageStart Sample() {
    return {model::PageStart::Kind::kBefore, 0, {-5, "Zoë", "550e8400-e29b-41d4-a716-446655440000"}};
  }
};

TEST_F(CursorTest, ReadsBackWhatItWrote) {
  const KeyedCursors cursors({'1'});
  for (const auto& start :
       {Sample(), model::PageStart{model::PageStart::Kind::kAfter, 0, {std::nullopt, "", "job_1"}}}) {
    const auto again = cursors.Decode("1 /v1/jobs?", cursors.Encode("1 /v1/jobs?", start));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->kind, start.kind);
    EXPECT_EQ(again->keyset.time_ms, start.keyset.time_ms);
    EXPECT_EQ(again->keyset.text, start.keyset.text);
    EXPECT_EQ(again->keyset.id, start.keyset.id);
  }
}

TEST_F(CursorTest, IsGoodForItsOwnListAndKeyOnly) {
  const KeyedCursors cursors({'1'});
  const std::string text = cursors.Encode("1 /v1/jobs?", Sample());
  EXPECT_FALSE(cursors.Decode("2 /v1/jobs?", text)) << "another tenant";
  EXPECT_FALSE(cursors.Decode("1 /v1/jobs?sort=-name&", text)) << "another order";
  EXPECT_FALSE(KeyedCursors({'2'}).Decode("1 /v1/jobs?", text)) << "another portal";
}

TEST_F(CursorTest, OutlivesARotationAndEndsWithItsKey) {
  const std::string text = KeyedCursors({'1'}).Encode("1 /v1/jobs?", Sample());
  const KeyedCursors rotated({'2', '1'});
  EXPECT_TRUE(rotated.Decode("1 /v1/jobs?", text));
  EXPECT_FALSE(rotated.Decode("1 /v1/jobs?", text, KeyedCursors::kRetired));
  EXPECT_TRUE(rotated.Decode("1 /v1/jobs?", rotated.Encode("1 /v1/jobs?", Sample()), KeyedCursors::kRetired));
}

TEST_F(CursorTest, RefusesEveryChangedByte) {
  const KeyedCursors cursors({'1'});
  const std::string text = cursors.Encode("s", Sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(cursors.Decode("s", changed)) << i;
    EXPECT_FALSE(cursors.Decode("s", text.substr(0, i))) << i;
  }
  EXPECT_FALSE(cursors.Decode("s", text + "A"));
  EXPECT_FALSE(cursors.Decode("s", ""));
  EXPECT_FALSE(cursors.Decode("s", "not a cursor!"));
}

}  // namespace
}  // namespace portal::api
