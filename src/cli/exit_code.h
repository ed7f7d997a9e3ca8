#pragma once

#include "base/error.h"

namespace portal::cli {

/// The contract's exit codes. 1 is left to what should not happen: an output that cannot be written, a bug.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitConfig = 3;
inline constexpr int kExitBind = 4;
inline constexpr int kExitDatabase = 5;
inline constexpr int kExitRejected = 6;

/// Of a failed operation on the store: what was named does not exist or is not acceptable (6), or the
/// store could not do it (5).
int ExitCodeFor(base::ErrorCode code);

}  // namespace portal::cli
