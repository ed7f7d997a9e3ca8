#include "store/read_connection.h"

#include <sqlite3.h>

#include <cassert>

namespace portal::store {
namespace {

constexpr std::chrono::milliseconds kLoopBudget{2};
// A snapshot keeps the write-ahead log from being reset, so none may live on.
constexpr std::chrono::seconds kLongestSnapshot{5};
// About 10 µs of SQLite's virtual machine, beside which reading the clock is nothing.
constexpr int kInstructionsBetweenLooks = 500;

}  // namespace

ReadConnection::ReadConnection(SQLite::Database db, const base::Clock& clock)
    : db_(std::move(db)),
      clock_(clock),
      words_(db_.getHandle()),
      begin_("BEGIN"),
      commit_("COMMIT"),
      data_version_("PRAGMA data_version") {
  sqlite3_progress_handler(handle(), kInstructionsBetweenLooks, &OutOfTime, this);
}

void ReadConnection::Begin(bool bounded) {
  assert(!reading_);
  Run(begin_.On(handle())).Execute();
  bounded_ = bounded;
  deadline_ = clock_.Monotonic() + (bounded ? std::chrono::milliseconds(kLoopBudget) : kLongestSnapshot);
  reading_ = true;
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
}

std::uint32_t ReadConnection::DataVersion() {
  const Run run(data_version_.On(handle()));
  run->Step();
  return static_cast<std::uint32_t>(run->Int(0));
}

int ReadConnection::OutOfTime(void* self) {
  const auto& connection = *static_cast<const ReadConnection*>(self);
  return connection.reading_ && connection.clock_.Monotonic() >= connection.deadline_;
}

}  // namespace portal::store
