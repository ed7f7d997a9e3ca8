#pragma once

#include <cstdint>
#include <string>

#include "cli/console.h"
#include "cli/progress_bar.h"
#include "service/import/import.h"

namespace portal::cli {

/// Tells how an import goes: a bar on a terminal, a line every few seconds elsewhere, a summary at the end.
class ImportReport {
 public:
  /// `size` of the input in bytes, 0 where it is unknown. `quiet`: the summary alone.
  ImportReport(Console& console, service::ImportOperation operation, std::uint64_t size, bool quiet);

  void Progress(const service::ImportSummary& so_far);
  /// The bad rows and the summary, as messages. `file` as it was named on the command line.
  void Finish(const std::string& file, const service::ImportSummary& summary);
  /// The summary for programs, one line.
  std::string Json(const service::ImportSummary& summary) const;

 private:
  std::string Done(const service::ImportSummary& summary) const;

  Console& console_;
  const bool deletes_;
  const std::uint64_t size_;
  ProgressBar bar_;
};

}  // namespace portal::cli
