#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/console.h"
#include "service/import.h"

namespace portal::cli {

/// Tells how an import goes: a bar on a terminal, a line every few seconds elsewhere, a summary at the end.
class ImportReport {
 public:
  /// `size` of the input in bytes, 0 where it is unknown. `quiet`: the summary alone.
  ImportReport(Console& console, std::uint64_t size, bool quiet);

  void Progress(const service::ImportSummary& so_far);
  /// The bad rows and the summary, as messages. `file` as it was named on the command line.
  void Finish(const std::string& file, const service::ImportSummary& summary);
  /// The summary for programs, one line.
  std::string Json(const service::ImportSummary& summary) const;

 private:
  std::string Bar(const service::ImportSummary& so_far) const;
  double Seconds() const;

  Console& console_;
  const std::uint64_t size_;
  const bool quiet_;
  const std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point last_line_;
};

}  // namespace portal::cli
