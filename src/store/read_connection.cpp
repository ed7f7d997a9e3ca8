#include "store/read_connection.h"

#include <sqlite3.h>

#include <cassert>
#include <utility>

namespace portal::store {
namespace {

constexpr std::chrono::milliseconds kLoopBudget{2};
// A snapshot keeps the write-ahead log from being reset, so none may live on.
constexpr std::chrono::seconds kLongestSnapshot{5};
// About 10 µs of SQLite's virtual machine, beside which reading the clock is nothing.
constexpr int kInstructionsBetweenLooks = 500;

}  // namespace

ReadConnection::ReadConnection(SQLite::Database db, const base::Clock& clock, resilience::Guard guard,
                               const InjectedFaults* faults)
    : db_(std::move(db)),
      clock_(clock),
      guard_(guard),
      faults_(faults),
      words_(db_.getHandle()),
      begin_("BEGIN"),
      commit_("COMMIT"),
      data_version_("PRAGMA data_version") {
  sqlite3_progress_handler(handle(), kInstructionsBetweenLooks, &OutOfTime, this);
}

base::Status ReadConnection::Begin(bool bounded) {
  assert(!reading_);
  auto call = guard().Enter();
  if (!call) return base::Fail(std::move(call).error());
  base::Status begun = CatchTimed([&]() -> base::Status {
    Run(begin_.On(handle())).Execute();
    return {};
  });
  if (!begun) {
    call->Settle(begun.error());
    return begun;
  }
  call_.emplace(*std::move(call));
  bounded_ = bounded;
  deadline_ = clock_.Unmoved() + (bounded ? std::chrono::milliseconds(kLoopBudget) : kLongestSnapshot);
  reading_ = true;
  return {};
}

void ReadConnection::End() noexcept {
  reading_ = false;  // first: the budget must not interrupt the end of the snapshot
  bounded_ = false;
  try {
    Run(commit_.On(handle())).Execute();
  } catch (const SQLite::Exception&) {
    // After an I/O error there may be no transaction left to end; if there is one, it goes now.
    sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  call_->Succeed();  // unless a read has said otherwise
  call_.reset();
}

base::Result<std::uint32_t> ReadConnection::DataVersion() {
  // Looks at shared memory only: that works on a disk that does not.
  return guard().Watch([&] {
    return CatchTimed([&]() -> base::Result<std::uint32_t> {
      const Run run(data_version_.On(handle()));
      run->Step();
      return static_cast<std::uint32_t>(run->Int(0));
    });
  });
}

int ReadConnection::OutOfTime(void* self) {
  const auto& connection = *static_cast<const ReadConnection*>(self);
  return connection.reading_ && connection.clock_.Unmoved() >= connection.deadline_;
}

}  // namespace portal::store
