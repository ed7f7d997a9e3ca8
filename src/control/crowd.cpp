#include "control/crowd.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

namespace portal::control {

Crowd::Member::Member(Crowd& crowd, int fd)
    : crowd_(crowd), fd_(fd), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), in_(&crowd.busy_) {
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

void Crowd::Member::BecomeIdle() {
  const base::MutexLock lock(crowd_.mu_);
  MoveTo(crowd_.idle_);
}

void Crowd::Member::AwaitStranger() {
  const base::MutexLock lock(crowd_.mu_);
  MoveTo(crowd_.strangers_);
}

void Crowd::Member::BecomeBusy() {
  const base::MutexLock lock(crowd_.mu_);
  MoveTo(crowd_.busy_);
}

void Crowd::Member::BecomeDone() {
  const base::MutexLock lock(crowd_.mu_);
  MoveTo(crowd_.done_);
}

/// No shutdown of the socket: what has come, and what belongs to it and has not come yet, could not be told from the
/// client's end any more.
void Crowd::Member::Ask() const {
  if (wake_) static_cast<void>(::eventfd_write(wake_.get(), 1));
}

bool Crowd::MakeRoom() {
  const base::MutexLock lock(mu_);
  std::list<Member*>& candidates = !done_.empty() ? done_ : !idle_.empty() ? idle_ : strangers_;
  if (candidates.empty()) return false;
  candidates.front()->Ask();
  candidates.splice(candidates.end(), candidates, candidates.begin());  // the next one asks another
  return true;
}

void Crowd::Drain() {
  const base::MutexLock lock(mu_);
  draining_ = true;
  for (const Member* member : idle_) member->Ask();
}

bool Crowd::draining() const {
  const base::MutexLock lock(mu_);
  return draining_;
}

void Crowd::Abort() {
  const base::MutexLock lock(mu_);
  for (const auto* members : {&idle_, &strangers_, &busy_, &done_}) {
    for (const Member* member : *members) ::shutdown(member->fd_, SHUT_RDWR);
  }
}

}  // namespace portal::control
