#include "metrics/exposition.h"

#include <gtest/gtest.h>

#include <limits>

namespace portal::metrics {
namespace {

using namespace std::chrono_literals;

Families Sample() {
  Families families;
  families.push_back(Single("things_total", "Things", Type::kCounter, 12));
  families.push_back(Family{"odd", "Odd ones", Type::kGauge}
                         .Add({{"name", "a\"b\\c\nd"}, {"other", "x"}}, 0.25)
                         .Add({}, std::numeric_limits<double>::infinity()));
  families.push_back(Family{"thing_info", "The thing", Type::kInfo}.Add({{"version", "1"}}, 1));
  Histogram observed;
  observed.Observe(75us, "trace-a", base::WallTime(1'700'000'000'500ms));
  observed.Observe(50ms, "", base::WallTime{});
  observed.Observe(20s, "trace-b", base::WallTime(1'700'000'000'000ms));
  Family histogram{"wait_ms", "Waiting", Type::kHistogram};
  HistogramSample sample{{{"method", "GET"}}, {}};
  observed.AddTo(sample.reading);
  histogram.histograms.push_back(std::move(sample));
  families.push_back(std::move(histogram));
  return families;
}

bool Has(const std::string& text, std::string_view line) {
  return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

TEST(Exposition, WritesTheLinesOfEachTextFormat) {
  const struct {
    std::string_view line;
    bool in_text, in_quantiles, in_open;
  } cases[] = {
      {"# HELP things_total Things", true, true, false},
      {"# TYPE things_total counter", true, true, false},
      {"# TYPE things counter", false, false, true},
      {"things_total 12", true, true, true},
      {R"(odd{name="a\"b\\c\nd",other="x"} 0.25)", true, true, true},
      {"odd +Inf", true, true, true},
      {"# TYPE thing_info gauge", true, true, false},
      {"# TYPE thing info", false, false, true},
      {R"(thing_info{version="1"} 1)", true, true, true},
      {R"(wait_ms_bucket{method="GET",le="0.1"} 1)", true, true, false},
      {R"(wait_ms_bucket{method="GET",le="0.1"} 1 # {trace_id="trace-a"} 0.075 1700000000.5)", false, false, true},
      {R"(wait_ms_bucket{method="GET",le="50.0"} 2)", true, true, true},
      {R"(wait_ms_bucket{method="GET",le="10000.0"} 2)", true, true, true},
      {R"(wait_ms_bucket{method="GET",le="+Inf"} 3)", true, true, false},
      {R"(wait_ms_sum{method="GET"} 20050.075)", true, true, true},
      {R"(wait_ms_count{method="GET"} 3)", true, true, true},
      {R"(wait_ms{method="GET",quantile="0.99"} 10000)", false, true, false},
      {"# EOF", false, false, true},
  };
  const Families families = Sample();
  const std::string text = Expose(families, Format::kText);
  const std::string quantiles = Expose(families, Format::kTextWithQuantiles);
  const std::string open = Expose(families, Format::kOpenMetrics);
  for (const auto& c : cases) {
    EXPECT_EQ(Has(text, c.line), c.in_text) << c.line;
    EXPECT_EQ(Has(quantiles, c.line), c.in_quantiles) << c.line;
    EXPECT_EQ(Has(open, c.line), c.in_open) << c.line;
  }
  EXPECT_TRUE(open.ends_with("# EOF\n"));
}

TEST(Exposition, SaysTheSameInJson) {
  Families families = Sample();
  families.resize(2);
  EXPECT_EQ(Expose(families, Format::kJson),
            R"({"families":[{"name":"things_total","type":"counter","help":"Things","samples":)"
            R"([{"labels":{},"value":12}]},)"
            R"({"name":"odd","type":"gauge","help":"Odd ones","samples":)"
            R"([{"labels":{"name":"a\"b\\c\nd","other":"x"},"value":0.25},{"labels":{},"value":null}]}]})");
  const std::string json = Expose(Sample(), Format::kJson);
  EXPECT_NE(json.find(R"("count":3,"sum":20050.075,"buckets":{"0.1":1,)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("+Inf":3},"quantiles":{"0.5":)"), std::string::npos) << json;
}

TEST(Negotiate, TakesWhatTheClientLikesBest) {
  const struct {
    std::optional<std::string_view> accept;
    std::optional<Format> format;
  } cases[] = {
      {std::nullopt, Format::kText},
      {"", Format::kText},
      {"*/*", Format::kText},
      {"text/html,application/xhtml+xml,*/*;q=0.8", Format::kText},
      {"text/*", Format::kText},
      {"application/*", Format::kOpenMetrics},
      {"application/json", Format::kJson},
      {"Application/JSON;q=0.9, text/plain;q=0.8", Format::kJson},
      {"application/openmetrics-text", Format::kOpenMetrics},
      // What Prometheus 2 sends.
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       Format::kOpenMetrics},
      {"application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5", Format::kText},
      {"application/openmetrics-text;version=0.0.1", std::nullopt},
      {"text/plain;version=1.0.0", std::nullopt},
      {"*/*, text/plain;q=0", Format::kOpenMetrics},
      {"application/json;q=0", std::nullopt},
      {"application/json;q=much", std::nullopt},
      {"image/png", std::nullopt},
      {"textual/*", std::nullopt},
      {", ;, application/json", Format::kJson},
      // A parameter's value may be quoted (RFC 9110 §5.6.6), and then hold what separates others.
      {R"(application/openmetrics-text; version="1.0.0")", Format::kOpenMetrics},
      {R"(application/openmetrics-text; version="1\.0.0"; charset=utf-8)", Format::kOpenMetrics},
      {R"(application/openmetrics-text; version="0.0.1")", std::nullopt},
      {R"(application/json; note="a,b;c\",d";q=0, text/plain;version="0.0.4")", Format::kText},
      {R"(application/json; note="never ends, text/plain)", Format::kJson},
  };
  for (const auto& [accept, format] : cases) EXPECT_EQ(Negotiate(accept), format) << accept.value_or("(none)");
}

}  // namespace
}  // namespace portal::metrics
