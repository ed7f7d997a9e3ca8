#pragma once

#include <list>

#include "base/mutex.h"
#include "base/unique_fd.h"

namespace portal::control {

/// The connections that worker threads serve, and what they wait for: each holds a thread, so that one which waits for
/// nothing in particular must give way, or else one whose request has not come yet, or that a stranger has sent: one of
/// whom nobody knows that he may ask for anything. Thread-safe.
class Crowd {
 public:
  /// One connection's entry, for as long as it lives; its descriptor must stay open meanwhile. Used by its own thread.
  class Member {
   public:
    Member(Crowd& crowd, int fd);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    /// Between requests.
    void BecomeIdle();
    /// A part of a request's head is there; or all of it, and a stranger is waited for: to send the rest, or to take
    /// the answer.
    void AwaitStranger();
    /// A request is there, and worked on.
    void BecomeBusy();
    /// All is said, and only the client's own end is waited for.
    void BecomeDone();

    /// Becomes readable when the connection is asked to give way (an eventfd; -1 where there is none to be had: it is
    /// then never asked).
    int wake_fd() const { return wake_.get(); }

   private:
    friend class Crowd;
    void MoveTo(std::list<Member*>& list);
    void Ask() const;

    Crowd& crowd_;
    const int fd_;
    const base::UniqueFd wake_;

    std::list<Member*>::iterator at_;
    std::list<Member*>* in_;
  };

  /// Asks one that is done to give way, else the connection that has been idle for longest, else the stranger's that
  /// has been waited for longest. Its own thread decides, which knows what has come. False: all have a request.
  bool MakeRoom();
  /// From here on nobody is idle for long: those that are hear it, others when they become it.
  void Drain();
  bool draining() const;
  /// Every connection ends now, whatever it does.
  void Abort();

 private:
  mutable base::Mutex mu_;
  std::list<Member*> busy_ GUARDED_BY(mu_);
  std::list<Member*> idle_ GUARDED_BY(mu_);       // for longest first
  std::list<Member*> strangers_ GUARDED_BY(mu_);  // the same
  std::list<Member*> done_ GUARDED_BY(mu_);       // the same
  bool draining_ GUARDED_BY(mu_) = false;
};

}  // namespace portal::control
