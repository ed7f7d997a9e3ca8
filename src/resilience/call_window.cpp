#include "resilience/call_window.h"

namespace portal::resilience {

void CallWindow::Add(bool failed) {
  if (calls_ < failed_.size()) {
    ++calls_;
  } else if (failed_[next_]) {
    --failures_;
  }
  failed_[next_] = failed;
  if (failed) ++failures_;
  next_ = next_ + 1 < failed_.size() ? next_ + 1 : 0;
}

void CallWindow::Clear() {
  failed_.assign(failed_.size(), false);
  next_ = calls_ = failures_ = 0;
}

}  // namespace portal::resilience
