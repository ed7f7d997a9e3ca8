#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "app/test_mode_store.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "base/movable_clock.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "control/test_faults.h"
#include "control/test_mode.h"
#include "control/test_requests.h"
#include "store/database.h"
#include "store/injected_fault.h"

namespace portal::app {

/// What `--test-mode` adds to a portal: a clock that can be moved, faults on demand, a memory of requests, and the way
/// back to how all of it was (docs/decisions/0019). Outlives the App. Thread-safe but for what is said.
class TestMode {
 public:
  struct Options {
    std::optional<std::uint64_t> random_seed;
    std::optional<base::WallTime> clock;  ///< what it shows at the start
  };

  /// Seeds the process's random numbers where that is asked for. Call before anything is drawn.
  explicit TestMode(const Options& options);
  TestMode(const TestMode&) = delete;

  const base::Clock& clock() const { return clock_; }
  const store::InjectedFaults* database_faults() const { return &database_fault_; }
  const blob::BlobStore::InjectedFaults* blob_faults() const { return &blob_fault_; }
  control::TestFaults& faults() { return faults_; }
  control::TestMode& control() { return control_; }

  /// The store is at its start: what Reset goes back to. Call once, before anything is served. Errors of the store.
  base::Status Remember(store::Database& database, const std::filesystem::path& folder);
  /// What a reset does to the rest of the portal, and when in it the store is put back, by `put_back`. Call once,
  /// before the control plane serves; `work` must be good for as long as it does.
  using ResetWork = std::function<base::Status(base::FunctionRef<base::Status()> put_back)>;
  void OnReset(ResetWork work) { on_reset_ = std::move(work); }
  /// What is drawn at random is drawn anew from here after each reset. Call once, when all is set up.
  void NoteStart();

 private:
  base::Status Reset();

  const bool seeded_;
  base::MovableClock clock_;
  store::InjectedFaults database_fault_{store::InjectedFault::kNone};
  blob::BlobStore::InjectedFaults blob_fault_{blob::BlobStore::InjectedFault::kNone};
  control::TestRequests requests_;
  control::TestFaults faults_;
  control::TestMode control_;
  std::optional<TestModeStore> store_;
  ResetWork on_reset_;
  std::atomic<std::uint64_t> random_start_{0};
};

}  // namespace portal::app
