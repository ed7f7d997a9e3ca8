#include "metrics/request_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace portal::metrics {
namespace {

using namespace std::chrono_literals;

constexpr base::WorkerId kFirst{0};
constexpr base::WorkerId kSecond{1};

RequestMetrics::Answered Ok(std::size_t endpoint, std::size_t method) {
  return {endpoint, method, 200, 1ms, "trace", base::WallTime{}};
}

const RequestSeries* Find(const RequestReading& reading, std::string_view endpoint, std::string_view method) {
  const auto found = std::ranges::find_if(reading.series, [&](const RequestSeries& series) {
    return reading.endpoints[series.endpoint] == endpoint && reading.methods[series.method] == method;
  });
  return found == reading.series.end() ? nullptr : &*found;
}

TEST(EndpointLabel, StarsTheVersionAndNothingElse) {
  const struct {
    std::string_view pattern;
    std::string_view label;
  } cases[] = {
      {"/v1/health", "/v*/health"},
      {"/v12/jobs/{jobId}/files", "/v*/jobs/{jobId}/files"},
      {"/v1", "/v*"},
      {"/v/health", "/v/health"},
      {"/v1x/health", "/v1x/health"},
      {"/files/{bucket}/v1", "/files/{bucket}/v1"},
      {"/livez", "/livez"},
  };
  for (const auto& [pattern, label] : cases) EXPECT_EQ(EndpointLabel(pattern), label) << pattern;
}

TEST(RequestMetrics, AddsUpWhatTheWorkersNoted) {
  RequestMetrics metrics({"/v*/health"}, {"GET"}, 2);
  metrics.Note(kFirst, Ok(0, 0));
  metrics.Note(kSecond, Ok(0, 0));
  metrics.Note(kSecond, {0, 0, 503, 20ms, "failed", base::WallTime{}});
  metrics.Note(kSecond, {0, 0, 429, 1ms, "braked", base::WallTime{}});

  const RequestReading reading = metrics.Read();
  const RequestSeries* series = Find(reading, "/v*/health", "GET");
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(series->total(), 4u);
  EXPECT_EQ(series->errors(), 1u);
  EXPECT_EQ(series->by_class, (std::array<std::uint64_t, 5>{0, 2, 0, 1, 1}));
  EXPECT_EQ(series->duration.sum, 23ms);
}

TEST(RequestMetrics, CountsWhatItDoesNotKnowAsOther) {
  RequestMetrics metrics({"/v*/health"}, {"GET"}, 1);
  metrics.Note(kFirst, Ok(1, 1));
  metrics.Note(kFirst, Ok(99, 99));
  const RequestReading reading = metrics.Read();
  const RequestSeries* series = Find(reading, "other", "other");
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(series->total(), 2u);
}

TEST(RequestMetrics, ShowsTheFirstMethodOfEveryEndpointFromZero) {
  RequestMetrics metrics({"/v*/health", "/v*/jobs"}, {"GET", "HEAD"}, 1);
  metrics.Note(kFirst, Ok(1, 1));
  const RequestReading reading = metrics.Read();
  for (const std::string& endpoint : reading.endpoints) {
    const RequestSeries* series = Find(reading, endpoint, "GET");
    ASSERT_NE(series, nullptr) << endpoint;
    EXPECT_EQ(series->total(), 0u) << endpoint;
  }
  EXPECT_NE(Find(reading, "/v*/jobs", "HEAD"), nullptr);
  EXPECT_EQ(Find(reading, "/v*/health", "HEAD"), nullptr);
}

TEST(RequestMetrics, LosesNothingThatIsNotedWhileItIsRead) {
  constexpr std::size_t kEach = 20'000;
  RequestMetrics metrics({"/v*/health"}, {"GET"}, 2);
  const auto note = [&](base::WorkerId worker) {
    for (std::size_t i = 0; i < kEach; ++i) {
      metrics.Note(worker, {0, 0, 200, std::chrono::microseconds(i), "0123456789abcdef0123456789abcdef",
                            base::WallTime(std::chrono::milliseconds(i))});
    }
  };
  std::thread first(note, kFirst);
  std::thread second(note, kSecond);
  std::uint64_t seen = 0;
  while (seen < 2 * kEach) {
    const RequestReading reading = metrics.Read();
    const RequestSeries& series = reading.series.front();
    ASSERT_GE(series.total(), seen);
    seen = series.total();
    for (const auto& exemplar : series.duration.exemplars) {
      if (!exemplar) continue;
      ASSERT_EQ(exemplar->trace_id, "0123456789abcdef0123456789abcdef");
      ASSERT_EQ(std::chrono::duration_cast<std::chrono::microseconds>(exemplar->value).count(),
                exemplar->at.time_since_epoch().count());
    }
  }
  first.join();
  second.join();
  EXPECT_EQ(metrics.Read().series.front().by_class[1], 2 * kEach);
}

}  // namespace
}  // namespace portal::metrics
