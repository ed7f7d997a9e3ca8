#pragma once

#include <cstdint>
#include <list>

#include "base/mutex.h"

namespace portal::control {

/// The connections that worker threads serve, and which of them are idle: each holds a thread, so that one which waits
/// for nothing in particular must give way. Thread-safe.
class Crowd {
 public:
  /// One connection's entry, for as long as it lives; its descriptor must stay open meanwhile.
  class Member {
   public:
    Member(Crowd& crowd, int fd);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    /// Between requests. False: it must end, and what comes is not waited for.
    bool BecomeIdle();
    void BecomeBusy();

   private:
    friend class Crowd;
    Crowd& crowd_;
    const int fd_;
    std::list<Member*>::iterator at_;
    bool idle_ = false;
  };

  /// Hangs up on the connection that has been idle for longest; it still reads what has come. False: none is idle.
  bool MakeRoom();
  /// From here on nobody is idle for long: those that are hear it, others when they become it.
  void Drain();
  bool draining() const;
  /// Every connection ends now, whatever it does.
  void Abort();

 private:
  mutable base::Mutex mu_;
  std::list<Member*> busy_ GUARDED_BY(mu_);
  std::list<Member*> idle_ GUARDED_BY(mu_);  // for longest first
  bool draining_ GUARDED_BY(mu_) = false;
};

}  // namespace portal::control
