#pragma once

#include "faults/lossy_state.h"

namespace portal::faults {

/// What the kernel asks of the file system. The session's user data is its LossyState; without power all but Forget and
/// the closing of folders fail with EIO.
fuse_lowlevel_ops LossyOperations();

}  // namespace portal::faults
