#include "metrics/service_level_families.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "metrics/exposition.h"
#include "metrics/exposition_formats.h"
#include "support/manual_clock.h"

namespace portal::metrics {
namespace {

using namespace std::chrono_literals;

Families FamiliesAfter(int good, int errors) {
  testing::ManualClock clock;
  RequestMetrics metrics({"/v*/contacts", "/files/{name}"}, {"GET"}, 1);
  ServiceLevels levels({{"/v*/contacts", LatencyTargets{300ms, 600ms}}, {"/files/{name}", std::nullopt}}, 999'000,
                       metrics.Read(), clock);
  for (int i = 0; i < good + errors; ++i) {
    metrics.Note(base::WorkerId{0}, {0, 0, i < good ? 200 : 500, 80us, {}, clock.Wall()});
  }
  clock.Advance(1s);
  levels.Note(metrics.Read());
  Families families;
  AddServiceLevelFamilies(levels.Report(), families);
  return families;
}

TEST(ServiceLevelFamilies, SayEveryPromiseAndWhatBecameOfIt) {
  const std::string text = ExposeText(FamiliesAfter(998, 2), Format::kText);
  for (const char* line : {"# TYPE portal_slo_availability_target gauge\nportal_slo_availability_target 0.999\n",
                           "portal_slo_burn_rate{endpoint=\"/v*/contacts\",window=\"5m\"} 2\n",
                           "portal_slo_error_budget_remaining{endpoint=\"/v*/contacts\",window=\"3d\"} -1\n",
                           "portal_slo_error_budget_remaining{endpoint=\"/files/{name}\",window=\"3d\"} 1\n",
                           "# TYPE portal_slo_latency_target_ms untyped\n",
                           "portal_slo_latency_target_ms{endpoint=\"/v*/contacts\",quantile=\"0.95\"} 300\n",
                           "portal_slo_latency_target_ms{endpoint=\"/v*/contacts\",quantile=\"0.99\"} 600\n",
                           "portal_slo_latency_ms{endpoint=\"/files/{name}\",quantile=\"0.99\",window=\"1h\"} NaN\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "is missing in\n" << text;
  }
  EXPECT_EQ(text.find("portal_slo_latency_target_ms{endpoint=\"/files"), std::string::npos);
}

TEST(ServiceLevelFamilies, TheSameSeriesAreThereBeforeTheFirstRequestAndAfter) {
  const auto series_of = [](const Families& families) {
    std::multiset<std::string> series;
    for (const Family& family : families) {
      for (const Sample& sample : family.samples) {
        std::string name(family.name);
        for (const Label& label : sample.labels) name += " " + label.value;
        series.insert(name);
      }
    }
    return series;
  };
  EXPECT_EQ(series_of(FamiliesAfter(0, 0)), series_of(FamiliesAfter(5, 5)));
}

}  // namespace
}  // namespace portal::metrics
