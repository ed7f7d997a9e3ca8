#include "net/unix_socket_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include "base/unique_fd.h"

namespace portal::net {

namespace {

// Another portal holds the lock for a moment only.
constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::milliseconds kBetweenTries{10};

constexpr mode_t kMode = 0660;  // the service's group may connect: a proxy that runs as another user

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

auto Cannot(const std::string& path, const std::string& why) {
  return base::Fail(base::ErrorCode::kUnavailable, "Cannot listen on unix:" + path + ": " + why);
}

/// Held while a stale file is looked at and replaced, so that of two portals that start at once neither takes
/// the other's new socket for a stale one. Whoever may read the folder can hold its lock, and for as long as they
/// like. Going on without it could remove a socket that a portal has just bound, so that is refused in the end.
base::Result<base::UniqueFd> LockFolderOf(const std::string& path) {
  std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (parent.empty()) parent = ".";
  base::UniqueFd folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return folder;  // whatever is wrong with it, bind says
  const auto end = std::chrono::steady_clock::now() + kPatience;
  // Not every file system has locks; without them the race is merely improbable.
  while (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    if (std::chrono::steady_clock::now() >= end) {
      return Cannot(path,
                    "another program holds a lock on the folder '" + parent.string() +
                        "'. Stop it (`lslocks` shows it), or choose a folder that only the portal's user may read");
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
  return folder;
}

/// 0 when somebody answers there, else why not.
int TryConnect(const std::string& path) {
  const base::UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_un address = AddressOf(path);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return 0;
  return errno == EAGAIN ? 0 : errno;  // EAGAIN: somebody does, and has a full queue
}

base::Status MakeRoom(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};  // whatever else is wrong, bind says
  if (!S_ISSOCK(found.st_mode)) {
    return Cannot(path, "there is a file of that name that is no socket. Choose another path, or remove it");
  }
  const int error = TryConnect(path);
  if (error == 0) {
    return Cannot(path, "another program already does. Stop it, or choose another path");
  }
  if (error != ECONNREFUSED) {
    return Cannot(path, std::string("there is a socket of that name of which we cannot tell whether it is in use (") +
                            std::strerror(error) + "). Choose another path, or remove it");
  }
  if (::unlink(path.c_str()) != 0) {
    return Cannot(path, std::string("a socket that nobody uses any more is in the way and cannot be removed: ") +
                            std::strerror(errno) + ". Remove it, or let the service's user write to its folder");
  }
  return {};
}

std::string ExplainBind(int error) {
  switch (error) {
    case ENOENT:
      return "its folder does not exist. Make it, for the user who runs the service";
    case EACCES:
    case EPERM:
      return "its folder cannot be written to. Let the service's user write to it, or choose another path";
    default:
      return std::strerror(error);
  }
}

}  // namespace

base::Result<UnixSocketFile> UnixSocketFile::Listen(int socket, const std::string& path, int backlog) {
  const auto folder = LockFolderOf(path);
  if (!folder) return base::Fail(folder.error());
  if (auto room = MakeRoom(path); !room) return base::Fail(std::move(room).error());
  const sockaddr_un address = AddressOf(path);
  // The file is never more open than it will be, whatever the umask: bind takes the mode of the socket.
  if (::fchmod(socket, kMode) != 0 ||
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Cannot(path, ExplainBind(errno));
  }
  UnixSocketFile file(path);
  if (::chmod(path.c_str(), kMode) != 0 || ::listen(socket, backlog) != 0) {
    return Cannot(path, std::strerror(errno));
  }
  return file;
}

UnixSocketFile::UnixSocketFile(std::string path) : path_(std::move(path)), identity_(base::FileIdentity::Of(path_)) {}

UnixSocketFile& UnixSocketFile::operator=(UnixSocketFile&& other) noexcept {
  if (this == &other) return *this;
  RemoveIfOurs();
  path_ = std::exchange(other.path_, {});
  identity_ = other.identity_;
  return *this;
}

UnixSocketFile::~UnixSocketFile() { RemoveIfOurs(); }

void UnixSocketFile::RemoveIfOurs() const {
  if (identity_ && !path_.empty() && base::FileIdentity::Of(path_) == identity_) ::unlink(path_.c_str());
}

}  // namespace portal::net
