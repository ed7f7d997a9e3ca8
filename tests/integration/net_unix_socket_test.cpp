#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>

#include "net/listener.h"
#include "support/temp_folder.h"

namespace portal::testing {
namespace {

namespace fs = std::filesystem;
using net::Listener;

class UnixSocket : public ::testing::Test {
 protected:
  /// What is said where nobody may listen.
  std::string Complaint(const std::string& path) {
    const auto listener = Listener::Bind("unix:" + path);
    if (listener) return "listens";
    EXPECT_EQ(listener.error().code, base::ErrorCode::kUnavailable);
    EXPECT_NE(listener.error().detail.find("unix:" + path), std::string::npos) << listener.error().detail;
    return listener.error().detail;
  }

  bool Answers() const {
    const base::UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0;
  }

  /// A socket of that path; closed, it is what a process leaves behind that was killed.
  base::UniqueFd MakeSocket(int type) const {
    base::UniqueFd socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0) {
      ADD_FAILURE() << "cannot bind " << path_;
    }
    return socket;
  }

  void SetUp() override {
    address_.sun_family = AF_UNIX;
    path_.copy(address_.sun_path, sizeof address_.sun_path - 1);
  }

  /// The lock on the socket's folder, as any program that may read it can have it.
  base::UniqueFd LockFolder() const {
    base::UniqueFd folder(::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_EQ(::flock(folder.get(), LOCK_EX | LOCK_NB), 0);
    return folder;
  }

  TempFolder folder_;
  const std::string path_ = (folder_.path() / "portal.sock").string();
  sockaddr_un address_{};
};

TEST_F(UnixSocket, IsForTheServicesUserAndGroupAndGoesWithItsListener) {
  const mode_t before = ::umask(0077);
  {
    const auto listener = Listener::Bind("unix:" + path_, true);
    ::umask(before);
    ASSERT_TRUE(listener.has_value()) << listener.error().detail;
    EXPECT_TRUE(Answers());
    EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0660));
    EXPECT_EQ(listener->address(), "unix:" + path_);
    EXPECT_EQ(listener->authority(), "localhost");
    EXPECT_EQ(listener->port(), 0);
    EXPECT_TRUE(listener->is_local());
    EXPECT_FALSE(listener->secure());
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(UnixSocket, ReplacesOneThatNobodyAnswersAt) {
  MakeSocket(SOCK_STREAM).Reset();
  EXPECT_FALSE(Answers());
  const auto listener = Listener::Bind("unix:" + path_);
  ASSERT_TRUE(listener.has_value()) << listener.error().detail;
  EXPECT_TRUE(Answers());
}

TEST_F(UnixSocket, LeavesOneThatSomebodyAnswersAt) {
  const auto first = Listener::Bind("unix:" + path_);
  ASSERT_TRUE(first.has_value());
  EXPECT_NE(Complaint(path_).find("another program already does. Stop it"), std::string::npos);
  EXPECT_TRUE(Answers());
}

TEST_F(UnixSocket, LeavesWhatIsNoStreamSocket) {
  base::UniqueFd datagrams = MakeSocket(SOCK_DGRAM);
  EXPECT_NE(Complaint(path_).find("cannot tell whether it is in use"), std::string::npos);
  fs::remove(path_);
  std::ofstream(path_) << "precious";
  EXPECT_NE(Complaint(path_).find("is no socket"), std::string::npos);
  EXPECT_EQ(fs::file_size(path_), 8U);
}

TEST_F(UnixSocket, NeedsAFolder) {
  EXPECT_NE(Complaint(path_ + "/x/s").find("its folder does not exist. Make it"), std::string::npos);
}

TEST_F(UnixSocket, DoesNotWaitForeverForAFolderThatSomebodyLocks) {
  const base::UniqueFd lock = LockFolder();
  const std::string complaint = Complaint(path_);
  EXPECT_NE(complaint.find("holds a lock on the folder '" + folder_.path().string() + "'. Stop it"), std::string::npos)
      << complaint;
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(UnixSocket, WaitsForAFolderThatIsLockedForAMoment) {
  base::UniqueFd lock = LockFolder();
  auto binding = std::async(std::launch::async, [this] { return Listener::Bind("unix:" + path_); });
  EXPECT_EQ(binding.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  lock.Reset();
  const auto listener = binding.get();
  ASSERT_TRUE(listener.has_value()) << listener.error().detail;
  EXPECT_TRUE(Answers());
}

TEST_F(UnixSocket, DoesNotTakeTheFileOfItsSuccessorAlong) {
  std::optional<Listener> first(*Listener::Bind("unix:" + path_));
  fs::remove(path_);
  const auto second = Listener::Bind("unix:" + path_);
  ASSERT_TRUE(second.has_value());
  first.reset();
  EXPECT_TRUE(fs::exists(path_));
  EXPECT_TRUE(Answers());
}

TEST_F(UnixSocket, KeepsItsFileWhereverItIsMoved) {
  auto first = Listener::Bind("unix:" + path_);
  ASSERT_TRUE(first.has_value());
  Listener moved = *std::move(first);
  EXPECT_TRUE(Answers());
  moved = *Listener::Bind("unix:" + path_ + "2");
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_TRUE(fs::exists(path_ + "2"));
}

}  // namespace
}  // namespace portal::testing
