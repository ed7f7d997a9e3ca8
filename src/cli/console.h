#pragma once

#include <cstdio>
#include <string_view>

#include "base/error.h"

namespace portal::cli {

/// Where commands speak: data on one stream, for programs; messages on the other, for people.
/// Not thread-safe. Borrows the streams.
class Console {
 public:
  struct Look {
    bool terminal = false;  ///< messages go to a terminal that can rewrite its line
    bool colour = false;
    bool data_terminal = false;  ///< data go to a terminal, whatever it can do
    bool data_colour = false;    ///< and it has colours
  };
  Console(std::FILE* data, std::FILE* messages, Look look) : data_(data), messages_(messages), look_(look) {}

  /// stdout and stderr; colour only on a terminal that has it, and without NO_COLOR (https://no-color.org).
  static Console Standard();

  void Data(std::string_view text);
  /// One line; ends a progress line first.
  void Message(std::string_view line);
  void Error(std::string_view line);
  /// Says what failed and returns the exit code for it.
  int Fail(const base::Error& error);

  /// Rewrites the last line of a terminal; nothing elsewhere.
  void Progress(std::string_view line);
  bool terminal() const { return look_.terminal; }
  bool data_terminal() const { return look_.data_terminal; }
  bool data_colour() const { return look_.data_colour; }

  /// False when data could not be written, to a full disk for instance.
  [[nodiscard]] bool Flush();

 private:
  void EndProgress();

  std::FILE* data_;
  std::FILE* messages_;
  Look look_;
  bool in_progress_ = false;
};

}  // namespace portal::cli
