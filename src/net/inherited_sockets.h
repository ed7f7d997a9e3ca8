#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::net {

/// A socket that the service manager opened for this process and keeps open when the process ends, so that
/// no connection is refused while it is replaced.
struct InheritedSocket {
  base::UniqueFd fd;  ///< close-on-exec
  std::string name;   ///< its FileDescriptorName; `unknown` where the service manager says none
};

/// Takes what systemd's socket activation passes (sd_listen_fds(3)): descriptors from 3 on, counted by
/// LISTEN_FDS, named by LISTEN_FDNAMES, meant for the process LISTEN_PID; none where they are meant for another.
/// Removes the variables. kValidation names a variable that is wrong, its value and the remedy. Call once, before
/// any other thread exists and before anything opens a descriptor that stays open.
base::Result<std::vector<InheritedSocket>> TakeInheritedSockets();

}  // namespace portal::net
