#include "http/conditions.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace portal::http {
namespace {

constexpr std::string_view kTag = "\"abc\"";
// Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::chrono::sys_seconds kModified{std::chrono::seconds{784111777}};
constexpr base::WallTime kNow{std::chrono::milliseconds{1756778723456}};
constexpr std::string_view kSame = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";

Head With(std::vector<HeaderField> fields) {
  Head head;
  head.method = Method::kGet;
  head.fields = std::move(fields);
  return head;
}

TEST(Preconditions, AreEvaluatedInTheOrderOfRfc9110) {
  const struct {
    std::string_view name;
    std::vector<HeaderField> fields;
    Precondition expected;
  } cases[] = {
      {"none", {}, Precondition::kProceed},
      {"If-Match same", {{"If-Match", "\"abc\""}}, Precondition::kProceed},
      {"If-Match any", {{"If-Match", "*"}}, Precondition::kProceed},
      {"If-Match in list", {{"If-Match", "\"x\", \"abc\" , \"y\""}}, Precondition::kProceed},
      {"If-Match in second field", {{"If-Match", "\"x\""}, {"if-match", "\"abc\""}}, Precondition::kProceed},
      {"If-Match other", {{"If-Match", "\"x\""}}, Precondition::kFailed},
      {"If-Match weak never matches strongly", {{"If-Match", "W/\"abc\""}}, Precondition::kFailed},
      {"If-Match malformed", {{"If-Match", "abc"}}, Precondition::kFailed},
      {"If-Match hides If-Unmodified-Since",
       {{"If-Match", "\"abc\""}, {"If-Unmodified-Since", kBefore}},
       Precondition::kProceed},
      {"If-Unmodified-Since before", {{"If-Unmodified-Since", kBefore}}, Precondition::kFailed},
      {"If-Unmodified-Since same", {{"If-Unmodified-Since", kSame}}, Precondition::kProceed},
      {"If-Unmodified-Since no date", {{"If-Unmodified-Since", "soon"}}, Precondition::kProceed},
      {"If-None-Match same", {{"If-None-Match", "\"abc\""}}, Precondition::kNotModified},
      {"If-None-Match weak matches weakly", {{"If-None-Match", "W/\"abc\""}}, Precondition::kNotModified},
      {"If-None-Match any", {{"If-None-Match", "*"}}, Precondition::kNotModified},
      {"If-None-Match in list", {{"If-None-Match", "\"x\",,W/\"abc\""}}, Precondition::kNotModified},
      {"If-None-Match after an empty element", {{"If-None-Match", " ,\t, \"abc\""}}, Precondition::kNotModified},
      {"If-Match after an empty element", {{"If-Match", ",\"abc\","}}, Precondition::kProceed},
      {"If-None-Match of empty elements only", {{"If-None-Match", ", ,"}}, Precondition::kProceed},
      {"If-None-Match other", {{"If-None-Match", "\"x\""}}, Precondition::kProceed},
      {"If-None-Match with a comma inside", {{"If-None-Match", "\"a,b\", \"abc\""}}, Precondition::kNotModified},
      {"If-None-Match other hides If-Modified-Since",
       {{"If-None-Match", "\"x\""}, {"If-Modified-Since", kAfter}},
       Precondition::kProceed},
      {"If-Modified-Since same", {{"If-Modified-Since", kSame}}, Precondition::kNotModified},
      {"If-Modified-Since later", {{"If-Modified-Since", kAfter}}, Precondition::kNotModified},
      {"If-Modified-Since before", {{"If-Modified-Since", kBefore}}, Precondition::kProceed},
      {"failed comes before not modified",
       {{"If-Match", "\"x\""}, {"If-None-Match", "\"abc\""}},
       Precondition::kFailed},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(EvaluatePreconditions(With(c.fields), {kTag, kModified}, kNow), c.expected) << c.name;
  }
}

TEST(Preconditions, DatesSayNothingAboutWhatHasNoDate) {
  EXPECT_EQ(EvaluatePreconditions(With({{"If-Modified-Since", kAfter}}), {kTag, std::nullopt}, kNow),
            Precondition::kProceed);
}

TEST(Changes, NeedConditionsThatHoldAndThatCanBeRead) {
  using enum base::ErrorCode;
  constexpr std::string_view kNothing{};
  const struct {
    std::vector<HeaderField> fields;
    std::string_view etag;  // of what is there
    std::optional<base::ErrorCode> refused;
    std::string_view says;
  } cases[] = {
      {{}, kTag, std::nullopt, ""},
      {{}, kNothing, std::nullopt, ""},
      {{{"If-Match", kTag}}, kTag, std::nullopt, ""},
      {{{"If-Match", "*"}}, kTag, std::nullopt, ""},
      {{{"If-Match", "\"x\", ,\"abc\" ,"}}, kTag, std::nullopt, ""},
      {{{"If-Match", "\"x\""}, {"if-match", "\"abc\""}}, kTag, std::nullopt, ""},
      {{{"If-None-Match", "*"}}, kNothing, std::nullopt, ""},
      {{{"If-None-Match", "\"x\", W/\"y\""}}, kTag, std::nullopt, ""},
      {{{"If-Match", "\"x\""}}, kTag, kPreconditionFailed, "If-Match does not name the ETag of what is there, \"abc\""},
      {{{"If-Match", "W/\"abc\""}}, kTag, kPreconditionFailed, "If-Match"},
      {{{"If-Match", "*"}}, kNothing, kPreconditionFailed, "If-Match allows a change only of what is there"},
      {{{"If-None-Match", "*"}}, kTag, kPreconditionFailed, "If-None-Match does not allow"},
      {{{"If-None-Match", "W/\"abc\""}}, kTag, kPreconditionFailed, "If-None-Match does not allow"},
      {{{"If-None-Match", "*, \"a\""}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", "\"a\", *"}}, kNothing, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", "*"}, {"If-None-Match", "\"a\""}}, kNothing, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", "*"}, {"If-None-Match", "*"}}, kNothing, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", "abc"}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", ",*"}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", ""}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", " , ,"}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", "\"a\" \"b\""}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", "\"a\"\"b\""}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", "w/\"a\""}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-None-Match", "\"a b\""}}, kTag, kBadRequest, "If-None-Match must be"},
      {{{"If-Match", "\"abc\", x"}}, kTag, kBadRequest, "If-Match must be"},
      {{{"If-Match", "\"abc\""}, {"If-Match", "*"}}, kTag, kBadRequest, "If-Match must be"},
      {{{"If-Match", "\"abc"}}, kTag, kBadRequest, "If-Match must be"},
  };
  for (const auto& c : cases) {
    const auto allowed = MayChange(With(c.fields), c.etag.empty() ? std::nullopt : std::optional(c.etag));
    const std::string_view field = c.fields.empty() ? "no field" : c.fields.front().value;
    ASSERT_EQ(allowed.has_value(), !c.refused) << field;
    if (allowed) continue;
    EXPECT_EQ(allowed.error().code, *c.refused) << field;
    EXPECT_TRUE(allowed.error().detail.starts_with(c.says)) << allowed.error().detail;
  }
}

TEST(IfRange, HoldsForTheExactValidatorOnly) {
  const struct {
    std::vector<HeaderField> fields;
    bool holds;
  } cases[] = {
      {{}, true},
      {{{"If-Range", "\"abc\""}}, true},
      {{{"If-Range", "\"x\""}}, false},
      {{{"If-Range", "W/\"abc\""}}, false},
      {{{"If-Range", kSame}}, true},
      {{{"If-Range", kAfter}}, false},
      {{{"If-Range", "nonsense"}}, false},
  };
  for (const auto& c : cases) EXPECT_EQ(IfRangeHolds(With(c.fields), {kTag, kModified}, kNow), c.holds);
}

TEST(Range, IsServedIgnoredOrUnsatisfiable) {
  using Kind = RangeVerdict::Kind;
  const struct {
    std::string_view field;
    std::uint64_t size;
    Kind kind;
    std::uint64_t offset;
    std::uint64_t length;
  } cases[] = {
      {"bytes=0-0", 10, Kind::kPartial, 0, 1},
      {"bytes=0-9", 10, Kind::kPartial, 0, 10},
      {"bytes=0-99999999999999999999999", 10, Kind::kPartial, 0, 10},
      {"bytes=3-", 10, Kind::kPartial, 3, 7},
      {"Bytes= 3-5 ", 10, Kind::kPartial, 3, 3},
      {"bytes=-3", 10, Kind::kPartial, 7, 3},
      {"bytes=-30", 10, Kind::kPartial, 0, 10},
      {"bytes=10-", 10, Kind::kUnsatisfiable, 0, 0},
      {"bytes=99999999999999999999999-", 10, Kind::kUnsatisfiable, 0, 0},
      {"bytes=-0", 10, Kind::kUnsatisfiable, 0, 0},
      {"bytes=0-", 0, Kind::kUnsatisfiable, 0, 0},
      {"bytes=-5", 0, Kind::kUnsatisfiable, 0, 0},
      {"bytes=5-3", 10, Kind::kWhole, 0, 0},
      {"bytes=-", 10, Kind::kWhole, 0, 0},
      {"bytes=", 10, Kind::kWhole, 0, 0},
      {"bytes=1-2,4-5", 10, Kind::kWhole, 0, 0},
      {"bytes=1x-2", 10, Kind::kWhole, 0, 0},
      {"bytes=+1-2", 10, Kind::kWhole, 0, 0},
      {"lines=1-2", 10, Kind::kWhole, 0, 0},
      {"", 10, Kind::kWhole, 0, 0},
  };
  for (const auto& c : cases) {
    const RangeVerdict verdict = EvaluateRange(c.field, c.size);
    EXPECT_EQ(verdict.kind, c.kind) << c.field;
    if (c.kind != Kind::kPartial) continue;
    EXPECT_EQ(verdict.offset, c.offset) << c.field;
    EXPECT_EQ(verdict.length, c.length) << c.field;
  }
}

}  // namespace
}  // namespace portal::http
