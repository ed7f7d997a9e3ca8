#pragma once

#include <atomic>
#include <cstdint>

namespace portal::store {

/// What a database is to pretend, for test mode: that it can be neither read nor written, or that its disk is full and
/// only reads succeed. It happens where a transaction begins, as SQLite's own errors do.
enum class InjectedFault : std::uint8_t { kNone, kIoError, kFull };

/// The one fault of a database. A portal that is not in test mode has none of these: a null pointer. Thread-safe.
using InjectedFaults = std::atomic<InjectedFault>;

/// Throws SQLite::Exception for a fault that concerns this.
void ThrowInjectedForRead(const InjectedFaults* faults);
void ThrowInjectedForWrite(const InjectedFaults* faults);

}  // namespace portal::store
