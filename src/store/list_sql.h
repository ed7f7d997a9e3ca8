#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace portal::store {

enum class List : std::uint8_t { kContacts, kJobs, kFiles };

/// What a list statement must do: everything that changes its text. Values are always bound.
struct ListShape {
  enum class Purpose : std::uint8_t {
    kRows,   ///< sort key, id, then the columns of the list
    kKeys,   ///< sort key and id, from the index alone
    kCount,  ///< how many, up to kMaxExactTotal + 1
  };
  List list = List::kContacts;
  std::uint8_t sort = 0;  ///< number in ContactSort, JobSort or FileSort
  bool descending = false;
  Purpose purpose = Purpose::kRows;
  bool after = false;   ///< begins behind a keyset, in the direction of the walk; else where the list begins
  bool search = false;  ///< only rows that the search table finds
  bool email = false;   ///< contacts, with search
  bool updated_since = false;
  bool status = false;   ///< jobs
  bool contact = false;  ///< jobs
  bool kind = false;     ///< files

  /// Different for different shapes.
  std::uint32_t Number() const;
};

/// The numbers under which a list statement takes its values.
namespace list_parameter {
inline constexpr int kTenant = 1;
inline constexpr int kKey = 2;
inline constexpr int kId = 3;
inline constexpr int kLimit = 4;
inline constexpr int kOffset = 5;
inline constexpr int kMatch = 6;
inline constexpr int kEmail = 7;
inline constexpr int kUpdatedSince = 8;
inline constexpr int kStatus = 9;
inline constexpr int kContact = 10;
inline constexpr int kKind = 11;
inline constexpr int kJob = 12;
}  // namespace list_parameter

/// Columns of kRows and kKeys.
namespace list_column {
inline constexpr int kKey = 0;
inline constexpr int kId = 1;
inline constexpr int kFirst = 2;  ///< the list's own columns begin here
}  // namespace list_column

/// The statement for a shape: one index walk without a sort, or a search with one.
std::string ListSql(const ListShape& shape);

/// Is the list sorted by a text rather than a time?
bool SortsByText(List list, std::uint8_t sort);

}  // namespace portal::store
