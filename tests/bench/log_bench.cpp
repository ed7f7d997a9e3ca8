// What a log line costs whoever logs it, on one thread and on two: the line goes to a pipe that is read, as journald
// reads, or to one that nobody reads any more.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <thread>

#include "base/clock.h"
#include "base/logger.h"
#include "base/unique_fd.h"
#include "http/recent_errors.h"

namespace {

using portal::base::Logger;
using portal::base::LogLevel;

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    read = portal::base::UniqueFd(ends[0]);
    write = portal::base::UniqueFd(ends[1]);
  }
  portal::base::UniqueFd read;
  portal::base::UniqueFd write;
};

const portal::base::SystemClock kClock;

/// As http/request_log writes it.
void LogARequest(Logger& logger) {
  logger.Info("request", {{"method", "GET"},
                          {"route", "/v1/contacts"},
                          {"status", std::int64_t{200}},
                          {"ms", std::chrono::microseconds{125}},
                          {"bytes", std::int64_t{512}},
                          {"client", "client_prod"},
                          {"token", "tok_0123456789abcdef"},
                          {"address", "203.0.113.7"},
                          {"request_id", "550e8400-e29b-41d4-a716-446655440000"},
                          {"trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"}});
}

/// Lines that the writer cannot take fast enough are dropped, as they are in a portal: `dropped` is their part.
void LogToAReader(benchmark::State& state) {
  static Pipe pipe;
  static Logger logger(kClock, pipe.write.get(), LogLevel::kInfo);
  static const bool reads = [] {
    std::thread([] {
      std::array<char, 64 * 1024> piece;
      while (::read(pipe.read.get(), piece.data(), piece.size()) > 0) continue;
    }).detach();
    return true;
  }();
  benchmark::DoNotOptimize(reads);
  const auto before = logger.dropped();
  for (auto _ : state) LogARequest(logger);
  state.counters["dropped"] =
      benchmark::Counter(static_cast<double>(logger.dropped() - before), benchmark::Counter::kAvgIterations);
}
BENCHMARK(LogToAReader)->Threads(1)->Threads(2)->UseRealTime();

void LogWhereNobodyReads(benchmark::State& state) {
  static Pipe pipe;
  static Logger logger(kClock, pipe.write.get(), LogLevel::kInfo, 64 * 1024);
  for (auto _ : state) LogARequest(logger);
}
BENCHMARK(LogWhereNobodyReads)->Threads(1)->Threads(2)->UseRealTime();

void LogBelowTheLevel(benchmark::State& state) {
  static Pipe pipe;
  static Logger logger(kClock, pipe.write.get(), LogLevel::kWarning);
  for (auto _ : state) LogARequest(logger);
}
BENCHMARK(LogBelowTheLevel);

/// What an answer of 5xx costs beside its line, when all of them are such.
void RememberAnError(benchmark::State& state) {
  static portal::http::RecentErrors errors;
  portal::http::Request request;
  request.trace_id.Assign("4bf92f3577b34da6a3ce929d0e0e4736");
  const portal::base::Error error{portal::base::ErrorCode::kCircuitOpen, "The database rests; try again", {}, {}};
  for (auto _ : state) errors.Note(request, "/v1/contacts", error);
}
BENCHMARK(RememberAnError)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace
