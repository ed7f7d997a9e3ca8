#pragma once

struct sqlite3;
struct sqlite3_backup;

namespace portal::store {

/// A copy of all pages of one database over those of another, in steps, as one transaction of the target. Throws
/// SQLite::Exception. Not thread-safe; both connections must outlive it.
class PageCopy {
 public:
  PageCopy(sqlite3* target, sqlite3* source);
  ~PageCopy();  ///< gives up, unless it is finished
  PageCopy(const PageCopy&) = delete;
  PageCopy& operator=(const PageCopy&) = delete;

  /// True: there is more. `pages`: how many at most; all of them where it is negative.
  bool Step(int pages);
  int total() const;
  int done() const;
  /// REQUIRES: Step said that there is no more.
  void Finish();

 private:
  sqlite3* target_;
  sqlite3_backup* backup_;
};

}  // namespace portal::store
