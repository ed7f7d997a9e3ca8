#include "metrics/histogram.h"

#include <gtest/gtest.h>

namespace portal::metrics {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, CountsEachDurationInTheFirstBucketThatHoldsIt) {
  const struct {
    std::chrono::nanoseconds duration;
    std::size_t bucket;
  } cases[] = {
      {-1ms, 0}, {0ms, 0}, {100us, 0}, {100us + 1ns, 1}, {50ms, 8}, {1s, 16}, {10s, 19}, {10s + 1ns, 20}, {1h, 20},
  };
  for (const auto& [duration, bucket] : cases) EXPECT_EQ(BucketOf(duration), bucket) << duration.count() << " ns";
}

TEST(Histogram, KeepsTheLatestExemplarOfEachBucket) {
  const base::WallTime now{1'000s};
  Histogram earlier;
  Histogram later;
  earlier.Observe(1ms, "early", now);
  later.Observe(1ms, "late", now + 1s);
  later.Observe(2s, "", now);
  HistogramReading reading;
  later.AddTo(reading);
  earlier.AddTo(reading);

  const auto& exemplar = reading.exemplars[BucketOf(1ms)];
  ASSERT_TRUE(exemplar);
  EXPECT_EQ(exemplar->trace_id, "late");
  EXPECT_EQ(exemplar->value, 1ms);
  EXPECT_EQ(exemplar->at, now + 1s);
  EXPECT_FALSE(reading.exemplars[BucketOf(2s)]);
  EXPECT_EQ(reading.count(), 3u);
}

TEST(HistogramReading, QuantilesAreLinearWithinABucket) {
  HistogramReading reading;
  EXPECT_FALSE(reading.Quantile(0.5));
  reading.buckets[BucketOf(75ms)] = 10;
  reading.buckets[BucketOf(150ms)] = 10;
  const struct {
    double q;
    double milliseconds;
  } cases[] = {{0.25, 75}, {0.5, 100}, {0.75, 150}, {1, 200}};
  for (const auto& [q, milliseconds] : cases) EXPECT_DOUBLE_EQ(reading.Quantile(q)->count(), milliseconds) << q;
}

TEST(HistogramReading, AQuantileBeyondAllBoundsIsTheGreatestOfThem) {
  HistogramReading reading;
  reading.buckets.back() = 1;
  EXPECT_DOUBLE_EQ(reading.Quantile(0.5)->count(), 10'000);
}

}  // namespace
}  // namespace portal::metrics
