#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/import/import.h"
#include "service/rows/row_kinds.h"

namespace portal::service {

/// Rows that were read and wait for their transaction, what was wrong among them, and what became of them. Keeps its
/// memory from one batch to the next.
template <typename Rows>
class ImportBatch {
 public:
  struct Entry {
    typename Rows::Model model;
    store::GivenTimes given;
    std::uint64_t line = 0;  ///< on which the row begins
    BadRow place;            ///< the reference's; its message is filled only when the store refuses it
    RowFate fate = RowFate::kRejected;
  };
  /// A row that the reader refused.
  struct Refused {
    std::uint64_t line = 0;  ///< on which the row begins
    std::optional<std::string> id;
    BadRow why;
  };

  void Clear() {
    size_ = 0;
    decided = 0;
    refused.clear();
  }
  std::size_t size() const { return size_; }
  Entry& operator[](std::size_t at) { return entries_[at]; }
  /// A place for the next row, which counts once it is kept.
  Entry& Next() {
    if (size_ == entries_.size()) entries_.emplace_back();
    return entries_[size_];
  }
  void Keep() { ++size_; }

  /// Calls `visit(line, id, entry)` for each row in the input's order: `entry` is its Entry, or null where the reader
  /// refused it, which is then the next of `refused`. Rows behind the decided ones are left out, and with them what the
  /// reader refused behind them.
  template <typename Visit>
  void InOrder(Visit visit) {
    const bool all = decided == size_;
    std::size_t bad = 0;
    const auto refused_before = [&](std::uint64_t line) {
      for (; bad < refused.size() && refused[bad].line < line; ++bad) {
        visit(refused[bad].line, Id(refused[bad]), static_cast<Entry*>(nullptr));
      }
    };
    for (std::size_t i = 0; i < decided; ++i) {
      refused_before(entries_[i].line);
      visit(entries_[i].line, std::optional<std::string_view>(IdOf(entries_[i])), &entries_[i]);
    }
    if (all) refused_before(UINT64_MAX);
  }

  std::size_t decided = 0;  ///< entries whose `fate` is known, from the first on
  std::vector<Refused> refused;

 private:
  static std::optional<std::string_view> Id(const Refused& row) {
    return row.id ? std::optional<std::string_view>(*row.id) : std::nullopt;
  }
  static std::string_view IdOf(const Entry& entry) { return entry.model.id.value(); }

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace portal::service
