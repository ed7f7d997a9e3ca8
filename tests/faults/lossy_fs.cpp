// A file system that loses power. It keeps a folder's files in memory, and what was not synced (LossyTree) is lost when
// the power is cut. Only then is the folder written: DISK holds what has outlived the cut, for everybody to look at.
// usage: lossy_fs DISK MOUNTPOINT, with one command a line on standard input, each answered by a line of JSON:
//   settle          all that was written so far is synced
//   lie             from now on a sync succeeds and does nothing
//   cut all         power is gone: what was not synced is lost, every later call fails with EIO
//   cut some SEED   the same, but of what was not synced any part may be there
// It unmounts when its standard input ends.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "faults/lossy_operations.h"

namespace portal::faults {
namespace {

struct SessionEnd {
  void operator()(fuse_session* session) const {
    fuse_session_unmount(session);
    fuse_session_destroy(session);
  }
};

/// Serves the kernel and obeys standard input, in turn, until the latter ends.
void Serve(fuse_session& session, LossyState& state) {
  const int kernel = fuse_session_fd(&session);
  if (::fcntl(kernel, F_SETFL, ::fcntl(kernel, F_GETFL) | O_NONBLOCK) != 0) throw std::runtime_error("fcntl");
  fuse_buf buffer{};
  std::array<pollfd, 2> ready{{{kernel, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  while (fuse_session_exited(&session) == 0) {
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) throw std::runtime_error("poll");
    if (ready[0].revents != 0 && fuse_session_receive_buf(&session, &buffer) > 0) {
      fuse_session_process_buf(&session, &buffer);
    }
    if (ready[1].revents == 0) continue;
    std::string line;
    if (!std::getline(std::cin, line)) break;
    std::cout << state.Obey(line) << std::endl;
  }
  std::free(buffer.mem);
}

int Main(const char* program, const std::filesystem::path& disk, const char* mountpoint) {
  LossyState state(disk);
  const fuse_lowlevel_ops ops = LossyOperations();
  std::array<char*, 1> words{const_cast<char*>(program)};
  fuse_args args = FUSE_ARGS_INIT(static_cast<int>(words.size()), words.data());
  const std::unique_ptr<fuse_session, SessionEnd> session(fuse_session_new(&args, &ops, sizeof ops, &state));
  if (!session || fuse_session_mount(session.get(), mountpoint) != 0) return EXIT_FAILURE;
  std::cout << "{\"mounted\":true}" << std::endl;
  Serve(*session, state);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace portal::faults

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: lossy_fs DISK MOUNTPOINT\n", stderr);
    return EXIT_FAILURE;
  }
  try {
    return portal::faults::Main(argv[0], argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lossy_fs: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
