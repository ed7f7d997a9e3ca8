// What noting a request costs, and a scrape when every series there can be is in use.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "api/routes.h"
#include "metrics/exposition.h"
#include "metrics/request_families.h"
#include "metrics/request_metrics.h"

namespace {

using namespace std::chrono_literals;
using portal::base::WorkerId;
using portal::metrics::Format;
using portal::metrics::RequestMetrics;

constexpr std::size_t kWorkers = 12;
constexpr std::string_view kTraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::vector<std::string> kMethods = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"};

std::unique_ptr<RequestMetrics> MakeMetrics() {
  std::vector<std::string> endpoints;
  for (const auto& route : portal::api::RouteTable()) {
    endpoints.push_back(portal::metrics::EndpointLabel(route.pattern));
  }
  return std::make_unique<RequestMetrics>(std::move(endpoints), kMethods, kWorkers);
}

void NoteARequest(benchmark::State& state) {
  static const std::unique_ptr<RequestMetrics> metrics = MakeMetrics();
  const WorkerId worker{static_cast<std::size_t>(state.thread_index())};
  std::chrono::nanoseconds duration = 50us;
  for (auto _ : state) {
    metrics->Note(worker, {1, 0, 200, duration, kTraceId, portal::base::WallTime{}});
    duration = duration * 9 / 7 % 1s;  // of all lengths
  }
}
BENCHMARK(NoteARequest)->Threads(1)->Threads(2);

void ScrapeEverySeries(benchmark::State& state) {
  const auto metrics = MakeMetrics();
  const std::size_t endpoints = portal::api::RouteTable().size() + 1;
  for (std::size_t worker = 0; worker < kWorkers; ++worker) {
    for (std::size_t endpoint = 0; endpoint < endpoints; ++endpoint) {
      for (std::size_t method = 0; method <= kMethods.size(); ++method) {
        for (const auto bound : portal::metrics::kDurationBounds) {
          metrics->Note(WorkerId{worker}, {endpoint, method, 200, bound, kTraceId, portal::base::WallTime{}});
        }
      }
    }
  }
  std::size_t bytes = 0;
  for (auto _ : state) {
    portal::metrics::Families families;
    portal::metrics::AddRequestFamilies(metrics->Read(), families);
    const std::string text = portal::metrics::Expose(families, static_cast<Format>(state.range(0)));
    bytes = text.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(ScrapeEverySeries)
    ->Arg(static_cast<int>(Format::kText))
    ->Arg(static_cast<int>(Format::kOpenMetrics))
    ->Arg(static_cast<int>(Format::kJson))
    ->Unit(benchmark::kMillisecond);

}  // namespace
