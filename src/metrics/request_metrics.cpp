#include "metrics/request_metrics.h"

#include <algorithm>
#include <utility>

#include "base/single_writer_counter.h"

namespace portal::metrics {

namespace {

std::vector<std::string> WithOther(std::vector<std::string> labels) {
  labels.emplace_back("other");
  return labels;
}

}  // namespace

std::string EndpointLabel(std::string_view pattern) {
  if (!pattern.starts_with("/v")) return std::string(pattern);
  const std::size_t end = std::min(pattern.find('/', 1), pattern.size());
  const std::string_view version = pattern.substr(2, end - 2);
  const bool is_version = !version.empty() && version.find_first_not_of("0123456789") == std::string_view::npos;
  return is_version ? "/v*" + std::string(pattern.substr(end)) : std::string(pattern);
}

// Cells of different workers must not share a cache line, or they would wait for each other after all.
struct alignas(64) RequestMetrics::Cell {
  std::array<base::SingleWriterCounter<std::uint64_t>, 5> by_class;
  Histogram duration;
};

RequestMetrics::RequestMetrics(std::vector<std::string> endpoints, std::vector<std::string> methods,
                               std::size_t workers)
    : endpoints_(WithOther(std::move(endpoints))), methods_(WithOther(std::move(methods))) {
  workers_.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) {
    workers_.push_back({std::vector<std::atomic<Cell*>>(endpoints_.size() * methods_.size()), {}});
  }
}

RequestMetrics::~RequestMetrics() = default;

RequestMetrics::Cell& RequestMetrics::CellOf(Worker& worker, std::size_t index) {
  if (Cell* const known = worker.cells[index].load(std::memory_order_relaxed)) return *known;
  Cell& made = *worker.owned.emplace_back(std::make_unique<Cell>());
  worker.cells[index].store(&made, std::memory_order_release);
  return made;
}

void RequestMetrics::Note(base::WorkerId worker, const Answered& answered) {
  const std::size_t endpoint = std::min(answered.endpoint, endpoints_.size() - 1);
  const std::size_t method = std::min(answered.method, methods_.size() - 1);
  Cell& cell = CellOf(workers_.at(worker.index), endpoint * methods_.size() + method);
  cell.by_class[static_cast<std::size_t>(std::clamp(answered.status / 100, 1, 5) - 1)].Add();
  cell.duration.Observe(answered.duration, answered.trace_id, answered.now);
}

RequestReading RequestMetrics::Read() const {
  RequestReading reading{endpoints_, methods_, {}};
  for (std::size_t index = 0; index < endpoints_.size() * methods_.size(); ++index) {
    RequestSeries series{index / methods_.size(), index % methods_.size()};
    bool used = series.method == 0;
    for (const Worker& worker : workers_) {
      const Cell* cell = worker.cells[index].load(std::memory_order_acquire);
      if (cell == nullptr) continue;
      used = true;
      for (std::size_t i = 0; i < series.by_class.size(); ++i) {
        series.by_class[i] += cell->by_class[i].read();
      }
      cell->duration.AddTo(series.duration);
    }
    if (used) reading.series.push_back(std::move(series));
  }
  return reading;
}

}  // namespace portal::metrics
