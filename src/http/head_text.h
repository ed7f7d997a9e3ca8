#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace portal::http {

/// Puts a head together from many short pieces, of which most are constants: they are copied in place, without a call
/// for each, and go to the end of `out` a few hundred bytes at a time. Nothing is there before Flush. Not thread-safe.
class HeadText {
 public:
  explicit HeadText(std::string& out) : out_(out) {}
  HeadText(const HeadText&) = delete;
  HeadText& operator=(const HeadText&) = delete;

  template <std::size_t kSize>
  HeadText& operator<<(const char (&literal)[kSize]) {
    static_assert(kSize - 1 <= kRoom);
    MakeRoom(kSize - 1);
    std::memcpy(end_, literal, kSize - 1);
    end_ += kSize - 1;
    return *this;
  }
  HeadText& operator<<(std::string_view text) {
    if (text.size() > kRoom) {
      Flush();
      out_.append(text);
      return *this;
    }
    MakeRoom(text.size());
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
    return *this;
  }
  HeadText& operator<<(std::uint64_t number) {
    constexpr std::size_t kDigits = 20;
    MakeRoom(kDigits);
    end_ = std::to_chars(end_, end_ + kDigits, number).ptr;
    return *this;
  }

  void Flush() {
    out_.append(room_.data(), end_);
    end_ = room_.data();
  }

 private:
  static constexpr std::size_t kRoom = 1024;

  void MakeRoom(std::size_t size) {
    if (static_cast<std::size_t>(room_.data() + kRoom - end_) < size) Flush();
  }

  std::string& out_;
  std::array<char, kRoom> room_;
  char* end_ = room_.data();
};

}  // namespace portal::http
