#include "store/probe.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "store/sqlite_error.h"

namespace portal::store {
namespace {

constexpr const char* kRead = "SELECT value FROM meta WHERE name = 'epoch'";

struct stat StatOf(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) status = {};  // inode 0 is no file's
  return status;
}

}  // namespace

FileProbe::FileProbe(SQLite::Database db, std::filesystem::path file, const InjectedFaults* faults)
    : file_(std::move(file)),
      faults_(faults),
      device_(StatOf(file_).st_dev),
      inode_(StatOf(file_).st_ino),
      db_(std::move(db)),
      read_(kRead) {}

base::Status FileProbe::Run() {
  const struct stat now = StatOf(file_);
  if (now.st_dev != device_ || now.st_ino != inode_) {
    return base::Fail(base::ErrorCode::kUnavailable, "The database's file was removed or replaced; restart the program",
                      file_.string() + " is not the file that was opened");
  }
  const base::MutexLock lock(mu_);
  return Read();
}

base::Status FileProbe::Read() {
  sqlite3* db = db_.getHandle();
  LazyStatement* const read = &read_;  // the analysis does not look into lambdas
  return CatchSqlite(db, [this, db, read]() -> base::Status {
    ThrowInjectedForRead(faults_);
    sqlite3_db_release_memory(db);  // so that the file is read, not a page from before
    const store::Run run(read->On(db));
    if (!run->Step()) return base::Fail(base::ErrorCode::kUnavailable, "The database is damaged; restore a backup");
    return {};
  });
}

}  // namespace portal::store
