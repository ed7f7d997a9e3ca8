#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/console.h"

namespace portal::cli {

/// Tells how long work goes on: a bar on a terminal, a line every few seconds elsewhere. Not thread-safe.
class ProgressBar {
 public:
  /// `quiet`: says nothing.
  ProgressBar(Console& console, bool quiet);

  /// `done`: from 0 to 1, unset where nobody knows. `text`: what is done so far, as in `1,247 rows written`.
  void Show(std::optional<double> done, const std::string& text);
  double Seconds() const;  ///< since it was made

 private:
  Console& console_;
  const bool quiet_;
  const std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point last_line_;
};

}  // namespace portal::cli
