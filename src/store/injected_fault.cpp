#include "store/injected_fault.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace portal::store {
namespace {

void Throw(int code) { throw SQLite::Exception("injected by test mode", code); }

}  // namespace

void ThrowInjectedForRead(const InjectedFaults* faults) {
  if (faults != nullptr && *faults == InjectedFault::kIoError) Throw(SQLITE_IOERR);
}

void ThrowInjectedForWrite(const InjectedFaults* faults) {
  ThrowInjectedForRead(faults);
  if (faults != nullptr && *faults == InjectedFault::kFull) Throw(SQLITE_FULL);
}

}  // namespace portal::store
