#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/import/import.h"

namespace portal::service {

/// How the outcomes of a batch are kept: a letter a row, and a JSON array of the details of those that were rejected.
class ImportOutcomes {
 public:
  void Add(RowFate fate, std::string_view detail);

  const std::string& letters() const { return letters_; }
  std::string complaints() const;
  std::size_t size() const { return letters_.size(); }
  RowFate fate(std::size_t row) const;
  /// Of the n-th rejected row.
  std::string_view detail(std::size_t rejected) const { return details_[rejected]; }

  /// Reads back what was kept. kInternal where it was damaged.
  static base::Result<ImportOutcomes> Read(std::string_view letters, std::string_view complaints);

 private:
  std::string letters_;
  std::vector<std::string> details_;
};

/// Counts one more row of that fate.
void CountRow(RowFate fate, ImportSummary& summary);

}  // namespace portal::service
