#include "resilience/sliding_window.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace portal::resilience {

SlidingWindow::SlidingWindow(SlidingWindow&& other) noexcept { *this = std::move(other); }

SlidingWindow& SlidingWindow::operator=(SlidingWindow&& other) noexcept {
  if (this == &other) return *this;
  Free();
  last_ = other.last_;
  std::memcpy(inline_, other.inline_, sizeof inline_);  // or the pointer, whichever is there
  head_ = std::exchange(other.head_, 0);
  count_ = std::exchange(other.count_, 0);
  log2_ = std::exchange(other.log2_, kInlineLog2);
  return *this;
}

void SlidingWindow::Expire(std::int64_t now, std::int64_t length) {
  assert(length > 0 && length <= kMaxLength);
  if (count_ == 0) return;
  now = std::max(now, last_);
  if (now - last_ >= length) {
    Free();
    return;
  }
  // What is left came within `length` of the last one, and that within `length` of now: no tick is ambiguous.
  const auto now_tick = static_cast<std::uint32_t>(now);
  const std::uint32_t* const ring = ticks();
  while (count_ > 0 && now_tick - ring[head_] >= static_cast<std::uint32_t>(length)) {
    head_ = (head_ + 1) & mask();
    --count_;
  }
}

void SlidingWindow::Add(std::int64_t now) {
  if (count_ > 0) now = std::max(now, last_);
  if (count_ == 1u << log2_) Grow();
  ticks()[(head_ + count_) & mask()] = static_cast<std::uint32_t>(now);
  ++count_;
  last_ = now;
}

void SlidingWindow::AddAll(const SlidingWindow& other) {
  assert(count_ == 0);
  for (std::uint32_t n = 0; n < other.count(); ++n) Add(other.At(n));
}

std::int64_t SlidingWindow::At(std::uint32_t n) const {
  assert(n < count_);
  return last_ - (static_cast<std::uint32_t>(last_) - ticks()[(head_ + n) & mask()]);
}

void SlidingWindow::Grow() {
  auto* const larger = new std::uint32_t[std::size_t{2} << log2_];
  const std::uint32_t* const ring = ticks();
  for (std::uint32_t n = 0; n < count_; ++n) larger[n] = ring[(head_ + n) & mask()];
  if (log2_ != kInlineLog2) delete[] heap_;
  heap_ = larger;
  head_ = 0;
  ++log2_;
}

void SlidingWindow::Free() {
  if (log2_ != kInlineLog2) delete[] heap_;
  log2_ = kInlineLog2;
  head_ = 0;
  count_ = 0;
}

}  // namespace portal::resilience
