#include "cli/held_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace portal::cli {
namespace {

// Handlers get nothing but the signal's number.
std::atomic<int> note_fd{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void Note(int signal) {
  const int before = errno;
  const auto byte = static_cast<unsigned char>(signal);
  static_cast<void>(!::write(note_fd.load(), &byte, 1));
  errno = before;
}

}  // namespace

HeldSignals::HeldSignals() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  noted_ = base::UniqueFd(ends[0]);
  note_ = base::UniqueFd(ends[1]);
  note_fd = note_.get();
  held_ = true;
  struct sigaction note {};
  note.sa_handler = Note;
  sigemptyset(&note.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &note, nullptr);
  }
}

HeldSignals::~HeldSignals() { Release(); }

int HeldSignals::Release() {
  if (!held_) return 0;
  held_ = false;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
  unsigned char first = 0;
  return ::read(noted_.get(), &first, 1) == 1 ? first : 0;
}

}  // namespace portal::cli
