#include "control/crowd.h"

#include <sys/socket.h>

namespace portal::control {

Crowd::Member::Member(Crowd& crowd, int fd) : crowd_(crowd), fd_(fd), in_(&crowd.busy_) {
  const base::MutexLock lock(crowd_.mu_);
  at_ = in_->insert(in_->end(), this);
}

Crowd::Member::~Member() {
  const base::MutexLock lock(crowd_.mu_);
  in_->erase(at_);
}

void Crowd::Member::MoveTo(std::list<Member*>& list) {
  if (in_ != &list) list.splice(list.end(), *in_, at_);
  in_ = &list;
}

bool Crowd::Member::BecomeIdle() {
  const base::MutexLock lock(crowd_.mu_);
  MoveTo(crowd_.idle_);
  return !crowd_.draining_;
}

void Crowd::Member::BeginHead() {
  const base::MutexLock lock(crowd_.mu_);
  MoveTo(crowd_.beginning_);
}

void Crowd::Member::BecomeBusy() {
  const base::MutexLock lock(crowd_.mu_);
  MoveTo(crowd_.busy_);
}

void Crowd::Member::BecomeDone() {
  const base::MutexLock lock(crowd_.mu_);
  MoveTo(crowd_.done_);
}

// SHUT_RD on one that waits: its thread reads what has come, then the end.

bool Crowd::MakeRoom() {
  const base::MutexLock lock(mu_);
  std::list<Member*>& candidates = !done_.empty() ? done_ : !idle_.empty() ? idle_ : beginning_;
  if (candidates.empty()) return false;
  ::shutdown(candidates.front()->fd_, SHUT_RD);
  candidates.splice(candidates.end(), candidates, candidates.begin());  // the next one asks another
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
  for (const auto* members : {&idle_, &beginning_, &busy_, &done_}) {
    for (const Member* member : *members) ::shutdown(member->fd_, SHUT_RDWR);
  }
}

}  // namespace portal::control
