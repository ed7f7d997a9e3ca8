#include "app/purge_schedule.h"

#include <SQLiteCpp/Database.h>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "support/temp_folder.h"

namespace portal::app {
namespace {

using namespace std::chrono_literals;

/// A store whose deletions and search are looked after once a second.
class PurgeScheduleTest : public ::testing::Test {
 protected:
  PurgeScheduleTest() { Open(); }

  void Open() {
    auto opened =
        store::Database::Open({.folder = folder_.path(), .durability = store::Durability::kNone}, clock_, logger_);
    auto blobs = blob::BlobStore::Open(folder_.path() / "blobs", blob::BlobStore::Sync::kNo);
    if (!opened || !blobs) throw std::runtime_error("the store cannot be opened");
    database_ = *std::move(opened);
    blobs_ = std::make_unique<blob::BlobStore>(*std::move(blobs));
  }
  /// As a program might that does not know what it is doing.
  void DropContactsSearch() {
    database_.reset();
    SQLite::Database(folder_.path() / "portal.db", SQLite::OPEN_READWRITE).exec("DROP TABLE contacts_search");
    Open();
  }
  std::unique_ptr<PurgeSchedule> Begin(std::filesystem::path data_folder) {
    return std::make_unique<PurgeSchedule>(*database_, *blobs_, std::move(data_folder), 0ms, clock_, logger_);
  }

  std::string Log() const {
    std::ostringstream text;
    text << std::ifstream(folder_.path() / "log").rdbuf();
    return text.str();
  }
  bool Logs(const std::string& event) const {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < end) {
      if (HasLogged(event)) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  bool HasLogged(const std::string& event) const {
    return Log().find("\"event\":\"" + event + "\"") != std::string::npos;
  }

  const testing::TempFolder folder_;

 private:
  base::SystemClock clock_;
  base::UniqueFd log_{::open((folder_.path() / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  base::Logger logger_{clock_, log_.get(), base::LogLevel::kInfo};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<blob::BlobStore> blobs_;
};

TEST_F(PurgeScheduleTest, ASearchThatCannotBeTidiedIsNotCalledAFailedPurge) {
  DropContactsSearch();
  const auto schedule = Begin(folder_.path());
  EXPECT_TRUE(Logs("search_tidy_failed")) << Log();
  EXPECT_FALSE(HasLogged("purge_failed")) << Log();
}

TEST_F(PurgeScheduleTest, AFailedPurgeIsToldAndSoIsItsEnd) {
  const auto schedule = Begin(folder_.path() / "later");
  EXPECT_TRUE(Logs("purge_failed")) << Log();
  EXPECT_FALSE(HasLogged("search_tidy_failed")) << Log();
  std::filesystem::create_directory(folder_.path() / "later");
  EXPECT_TRUE(Logs("purge_works_again")) << Log();
}

}  // namespace
}  // namespace portal::app
