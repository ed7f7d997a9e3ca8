#include "resilience/sliding_window.h"

#include <algorithm>
#include <bit>
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
  // At a quarter, down to a half: each move of a tick is paid for by one that came or left since the last.
  if (log2_ > kInlineLog2 && count_ <= capacity() / 4) {
    Resize(std::max(kInlineLog2, static_cast<std::uint8_t>(std::bit_width(count_ - 1) + 1)));
  }
}

void SlidingWindow::Add(std::int64_t now) {
  if (count_ > 0) now = std::max(now, last_);
  if (count_ == capacity()) Resize(log2_ + 1);
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

void SlidingWindow::Resize(std::uint8_t log2) {
  SlidingWindow resized;
  resized.log2_ = log2;
  if (log2 != kInlineLog2) resized.heap_ = new std::uint32_t[resized.capacity()];
  const std::uint32_t* const from = ticks();
  std::uint32_t* const to = resized.ticks();
  for (std::uint32_t n = 0; n < count_; ++n) to[n] = from[(head_ + n) & mask()];
  resized.count_ = count_;
  resized.last_ = last_;
  *this = std::move(resized);
}

void SlidingWindow::Free() {
  if (log2_ != kInlineLog2) delete[] heap_;
  log2_ = kInlineLog2;
  head_ = 0;
  count_ = 0;
}

}  // namespace portal::resilience
