#pragma once

#include <cstdint>
#include <vector>

#include "store/purge.h"

struct sqlite3;
struct sqlite3_file;

namespace portal::store {

/// Reads the notes. Needs a transaction of the caller's, or none; throws SQLite::Exception.
ScrubState ReadScrubState(sqlite3* db);

/// What of the database's pages was looked at in one go.
struct ScrubStep {
  std::uint32_t next = 0;  ///< the page to go on with; 0: that was the last one
  std::int64_t bytes_overwritten = 0;
  bool blocked = false;  ///< a reader was in the way: the same again, a little later
};

/// Overwrites what SQLite leaves in pages without using it. `secure_delete` overwrites what is deleted, but when a page
/// of a B-tree is full and rows move to its neighbour, their old bytes may stay in the gap between its cell pointers
/// and its cells (https://www.sqlite.org/fileformat2.html#b_tree_pages), where no later deletion finds them. Free pages
/// may have content from before `secure_delete` was on.
///
/// Works on the file through SQLite's own handle of it, so that no descriptor is opened or closed beside SQLite, and
/// writes unused bytes only: whoever reads a page meanwhile, or finds it after a power cut, reads the same rows.
/// Throws SQLite::Exception; SQLITE_CORRUPT, before anything is written, where the list of free pages is not sound:
/// what it wrongly names would be lost. Not thread-safe.
class PageScrub {
 public:
  /// REQUIRES: the write lock is held; all of the write-ahead log is in the database.
  explicit PageScrub(sqlite3* db);

  /// Looks at up to `most` pages from `first` on, which counts from 1.
  ScrubStep Run(std::uint32_t first, std::uint32_t most);

 private:
  void ReadHeader();
  void FindFreePages();
  void NoteFree(std::uint32_t page);
  void Read(std::uint32_t page);
  std::int64_t Clear(std::uint32_t page, std::size_t begin, std::size_t end);
  std::int64_t ScrubPage(std::uint32_t page);
  void Check(int code) const;

  sqlite3* db_;
  sqlite3_file* file_ = nullptr;
  std::size_t page_bytes_ = 0;
  std::size_t usable_bytes_ = 0;
  std::uint32_t pages_ = 0;   // 0: a file whose pages cannot be told apart by their first byte
  std::vector<bool> free_;    // by page
  std::vector<bool> trunks_;  // of these, those that list others
  std::vector<unsigned char> page_;
};

}  // namespace portal::store
