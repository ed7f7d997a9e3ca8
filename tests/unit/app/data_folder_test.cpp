#include "app/data_folder.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <string>

#include "support/temp_folder.h"

namespace portal::app {
namespace {

namespace fs = std::filesystem;
using Create = DataFolder::Create;

constexpr uid_t kService = 65'001;
constexpr uid_t kStranger = 65'002;

/// Runs `body` in a process of its own, so that it may become somebody else, and returns what it returned.
std::string InChild(const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string said = body();
    const ssize_t put = ::write(ends[1], said.data(), said.size());
    ::_exit(put == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said(4096, '\0');
  std::size_t size = 0;
  for (ssize_t got; (got = ::read(ends[0], said.data() + size, said.size() - size)) > 0;)
    size += static_cast<std::size_t>(got);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  said.resize(size);
  return said;
}

std::string Complaint(const fs::path& path, Create create = Create::kNo) {
  const auto folder = DataFolder::Open(path, create);
  return folder ? "opened" : folder.error().detail;
}

void ExpectSays(const std::string& complaint, std::initializer_list<std::string> parts) {
  for (const std::string& part : parts)
    EXPECT_NE(complaint.find(part), std::string::npos) << complaint << "\nlacks " << part;
}

class DataFolderTest : public ::testing::Test {
 protected:
  portal::testing::TempFolder temp_;
  const fs::path path_ = temp_.path() / "data";
};

TEST_F(DataFolderTest, IsMadeForItsOwnerAloneWithItsParents) {
  const fs::path deep = temp_.path() / "a" / "b" / "data";
  const auto folder = DataFolder::Open(deep, Create::kYes);
  ASSERT_TRUE(folder) << folder.error().detail;
  struct stat status {};
  ASSERT_EQ(::stat(deep.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  EXPECT_EQ(folder->database(), deep / "portal.db");
  EXPECT_EQ(folder->blobs(), deep / "blobs");
  EXPECT_EQ(folder->keys(), deep / "keys");
}

TEST_F(DataFolderTest, IsMadeForItsOwnerAloneAlsoWhenItsNameEndsInASlash) {
  const fs::path path = temp_.path() / "a" / "data" / "";
  const auto folder = DataFolder::Open(path, Create::kYes);
  ASSERT_TRUE(folder) << folder.error().detail;
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
}

TEST_F(DataFolderTest, TellsAnEmptyFolderFromAUsedOne) {
  const auto folder = DataFolder::Open(path_, Create::kYes);
  ASSERT_TRUE(folder);
  EXPECT_TRUE(folder->IsEmpty());
  fs::create_directory(path_ / "lost+found");
  EXPECT_TRUE(folder->IsEmpty());
  std::ofstream(path_ / ".hidden") << "x";
  EXPECT_FALSE(folder->IsEmpty());
}

TEST_F(DataFolderTest, IsNotMadeWhereNobodyAskedForIt) {
  ExpectSays(Complaint(path_), {path_.string(), "does not exist", "--data-dir", "tenant create"});
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(DataFolderTest, RefusesAFileInItsPlaceAndInItsWay) {
  std::ofstream(path_) << "x";
  ExpectSays(Complaint(path_, Create::kYes), {path_.string(), "is not a folder"});
  ExpectSays(Complaint(path_ / "deeper", Create::kYes), {(path_ / "deeper").string(), "Not a directory"});
}

/// What needs root to set up: other users, tiny disks. Elsewhere the rules for one's own folder still hold.
class DataFolderAsRootTest : public DataFolderTest {
 protected:
  void SetUp() override {
    fs::create_directory(path_);
    ASSERT_EQ(::chmod(temp_.path().c_str(), 0755), 0);
    root_ = ::geteuid() == 0;
  }
  bool root_ = false;
};

TEST_F(DataFolderAsRootTest, RefusesSomebodyElsesFolder) {
  const uid_t self = ::geteuid();
  const std::string said = InChild([&]() -> std::string {
    if (self == 0 && (::setgid(kStranger) != 0 || ::setuid(kStranger) != 0)) return "cannot become another user";
    return Complaint(self == 0 ? path_ : fs::path("/proc/1"));
  });
  ExpectSays(said, {"belongs to root", "Run the command as its owner"});
}

TEST_F(DataFolderAsRootTest, RefusesAFolderThatItsOwnerMayNotUse) {
  struct Case {
    mode_t mode;
    std::string says;
  };
  for (const Case& c : {Case{0000, "cannot be read"}, Case{0500, "is read-only"}}) {
    const std::string said = InChild([&]() -> std::string {
      if (root_ &&
          (::chown(path_.c_str(), kService, kService) != 0 || ::setgid(kService) != 0 || ::setuid(kService) != 0)) {
        return "cannot become another user";
      }
      if (::chmod(path_.c_str(), c.mode) != 0) return "cannot change the mode";
      return Complaint(path_);
    });
    ExpectSays(said, {path_.string(), c.says, "chmod u+rwx"});
  }
  ASSERT_EQ(::chmod(path_.c_str(), 0700), 0);
}

TEST_F(DataFolderAsRootTest, RootActsAsTheOwnerAndIsRootAgainAfterwards) {
  const uid_t owner = root_ ? kService : ::geteuid();
  if (root_) {
    ASSERT_EQ(::chown(path_.c_str(), kService, kService), 0);
  }
  const std::string said = InChild([&]() -> std::string {
    const uid_t before = ::geteuid();
    {
      const auto folder = DataFolder::Open(path_, Create::kNo);
      if (!folder) return folder.error().detail;
      std::ofstream(folder->database()) << "x";
      const CallerScope caller;
      if (::geteuid() != before) return "the caller is not itself";
    }
    if (::geteuid() != before) return "not root again";
    struct stat status {};
    if (::stat((path_ / "portal.db").c_str(), &status) != 0) return "no file";
    return "made by " + std::to_string(status.st_uid);
  });
  EXPECT_EQ(said, "made by " + std::to_string(owner));
}

TEST_F(DataFolderAsRootTest, RefusesAFullDiskAndAReadOnlyOne) {
  // Where small disks cannot be mounted, /proc stands in: nothing can be kept there.
  if (!root_ || ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=8m") != 0) {
    EXPECT_NE(Complaint("/proc/self"), "opened");
    return;
  }
  const std::string full = Complaint(path_);
  std::ofstream(path_ / "portal.db") << "kept";
  const std::string full_but_in_use = Complaint(path_);
  const bool remounted = ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=64m") == 0;
  const std::string read_only = Complaint(path_);
  ::umount2(path_.c_str(), MNT_DETACH);
  ExpectSays(full, {path_.string(), "is full", "16 MiB are needed", "Free some space"});
  EXPECT_EQ(full_but_in_use, "opened") << "what is there can still be read";
  if (remounted) {
    ExpectSays(read_only, {path_.string(), "read-only file system"});
  }
}

}  // namespace
}  // namespace portal::app
