#pragma once

#include "base/result.h"

namespace portal::app {

/// From here on this process gets a SIGTERM when its parent process ends, however that ends: by pidfd, since the
/// kernel's own PR_SET_PDEATHSIG would come with the end of the thread that started us, and test runners start portals
/// from threads that come and go. Call after app::Signals. kUnavailable where the parent has ended already, or the
/// kernel (before 5.3) cannot do it.
base::Status EndWithParent();

}  // namespace portal::app
