#include "store/page_copy.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <utility>

namespace portal::store {

PageCopy::PageCopy(sqlite3* target, sqlite3* source)
    : target_(target), backup_(sqlite3_backup_init(target, "main", source, "main")) {
  if (!backup_) throw SQLite::Exception(target, sqlite3_errcode(target));
}

PageCopy::~PageCopy() {
  if (backup_) sqlite3_backup_finish(backup_);
}

bool PageCopy::Step(int pages) {
  const int code = sqlite3_backup_step(backup_, pages);
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_OK) throw SQLite::Exception(target_, code);
  return true;
}

int PageCopy::total() const { return sqlite3_backup_pagecount(backup_); }
int PageCopy::done() const { return total() - sqlite3_backup_remaining(backup_); }

void PageCopy::Finish() {
  const int code = sqlite3_backup_finish(std::exchange(backup_, nullptr));
  if (code != SQLITE_OK) throw SQLite::Exception(target_, code);
}

}  // namespace portal::store
