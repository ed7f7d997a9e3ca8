#include "control/crowd.h"

#include <sys/socket.h>

namespace portal::control {

Crowd::Member::Member(Crowd& crowd, int fd) : crowd_(crowd), fd_(fd) {
  const base::MutexLock lock(crowd_.mu_);
  at_ = crowd_.busy_.insert(crowd_.busy_.end(), this);
}

Crowd::Member::~Member() {
  const base::MutexLock lock(crowd_.mu_);
  (idle_ ? crowd_.idle_ : crowd_.busy_).erase(at_);
}

bool Crowd::Member::BecomeIdle() {
  const base::MutexLock lock(crowd_.mu_);
  if (!idle_) crowd_.idle_.splice(crowd_.idle_.end(), crowd_.busy_, at_);
  idle_ = true;
  return !crowd_.draining_;
}

void Crowd::Member::BecomeBusy() {
  const base::MutexLock lock(crowd_.mu_);
  if (idle_) crowd_.busy_.splice(crowd_.busy_.end(), crowd_.idle_, at_);
  idle_ = false;
}

// SHUT_RD on an idle one: its thread reads what has come, then the end.

bool Crowd::MakeRoom() {
  const base::MutexLock lock(mu_);
  if (idle_.empty()) return false;
  ::shutdown(idle_.front()->fd_, SHUT_RD);
  idle_.splice(idle_.end(), idle_, idle_.begin());  // the next one asks another
  return true;
}

void Crowd::Drain() {
  const base::MutexLock lock(mu_);
  draining_ = true;
  for (const Member* member : idle_) ::shutdown(member->fd_, SHUT_RD);
}

bool Crowd::draining() const {
  const base::MutexLock lock(mu_);
  return draining_;
}

void Crowd::Abort() {
  const base::MutexLock lock(mu_);
  for (const Member* member : idle_) ::shutdown(member->fd_, SHUT_RDWR);
  for (const Member* member : busy_) ::shutdown(member->fd_, SHUT_RDWR);
}

}  // namespace portal::control
