#include "net/mailbox.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace portal::net {

Mailbox::Mailbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!event_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Mailbox::Post(Message message) {
  {
    const base::MutexLock lock(mu_);
    waiting_.push_back(std::move(message));
    if (waiting_.size() > 1) return;  // whoever posted the first has woken the loop
  }
  Wake();
}

void Mailbox::Wake() { ::eventfd_write(event_.get(), 1); }

void Mailbox::Take(std::vector<Message>& into) {
  into.clear();
  const base::MutexLock lock(mu_);
  into.swap(waiting_);
}

}  // namespace portal::net
