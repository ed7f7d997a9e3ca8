#include "http/recent_errors.h"

#include <gtest/gtest.h>

#include <string>

namespace portal::http {
namespace {

Request Traced(std::string_view trace_id) {
  Request request;
  request.head.method = Method::kGet;
  request.trace_id.Assign(trace_id);
  request.now = base::WallTime{} + std::chrono::seconds{1};
  return request;
}

TEST(RecentErrors, KeepsWhatTheClientWasToldAndNothingElse) {
  RecentErrors errors;
  const base::Error error{base::ErrorCode::kUnavailable, "Try again", "/secret/path: I/O error", {}};
  errors.Note(Traced("abc"), "/v1/contacts", error);
  const auto latest = errors.Latest();
  ASSERT_EQ(latest.size(), 1u);
  EXPECT_EQ(latest[0].time, base::WallTime{} + std::chrono::seconds{1});
  EXPECT_EQ(latest[0].method, Method::kGet);
  EXPECT_EQ(latest[0].route, "/v1/contacts");
  EXPECT_EQ(latest[0].status, 503);
  EXPECT_EQ(latest[0].code, "SERVICE_UNAVAILABLE");
  EXPECT_EQ(latest[0].detail, "Try again");
  EXPECT_EQ(latest[0].trace_id.view(), "abc");
}

TEST(RecentErrors, KeepsNothingThatTheClientCouldHaveDoneBetter) {
  using base::ErrorCode;
  RecentErrors errors;
  for (const ErrorCode code :
       {ErrorCode::kBadRequest, ErrorCode::kUnauthorized, ErrorCode::kNotFound, ErrorCode::kRateLimitExceeded,
        ErrorCode::kHeadersTooLarge, ErrorCode::kNotImplemented, ErrorCode::kHttpVersion}) {
    errors.Note(Traced("abc"), "other", {code, "", "", {}});
  }
  EXPECT_TRUE(errors.Latest().empty());
}

TEST(RecentErrors, BeginsAnewOnceItIsCleared) {
  RecentErrors errors;
  const auto note = [&](std::string_view trace_id) {
    errors.Note(Traced(trace_id), "other", {base::ErrorCode::kInternal, "", "", {}});
  };
  for (std::size_t i = 0; i < RecentErrors::kKept + 7; ++i) note("before");
  errors.Clear();
  EXPECT_TRUE(errors.Latest().empty());
  note("first");
  note("second");
  const auto latest = errors.Latest();
  ASSERT_EQ(latest.size(), 2u);
  EXPECT_EQ(latest[0].trace_id.view(), "second");
  EXPECT_EQ(latest[1].trace_id.view(), "first");
}

TEST(RecentErrors, KeepsTheLatestOfManyTheLatestFirst) {
  RecentErrors errors;
  const std::size_t extra = RecentErrors::kKept / 2;
  for (std::size_t i = 0; i < RecentErrors::kKept + extra; ++i) {
    errors.Note(Traced(std::to_string(i)), "other", {base::ErrorCode::kInternal, "", "", {}});
  }
  const auto latest = errors.Latest();
  ASSERT_EQ(latest.size(), RecentErrors::kKept);
  for (std::size_t i = 0; i < latest.size(); ++i) {
    EXPECT_EQ(latest[i].trace_id.view(), std::to_string(RecentErrors::kKept + extra - 1 - i));
  }
}

TEST(RecentErrors, CutsADetailThatIsTooLong) {
  RecentErrors errors;
  errors.Note(Traced("abc"), "other", {base::ErrorCode::kInternal, std::string(100'000, 'x'), "", {}});
  EXPECT_LT(errors.Latest()[0].detail.size(), 1000u);
}

}  // namespace
}  // namespace portal::http
