// A file system that loses power. It keeps a folder's files in memory, and what was not synced (LossyTree) is lost when
// the power is cut. Only then is the folder written: DISK holds what has outlived the cut, for everybody to look at.
// usage: lossy_fs DISK MOUNTPOINT, with one command a line on standard input, each answered by a line of JSON:
//   settle          all that was written so far is synced
//   lie             from now on a sync succeeds and does nothing
//   cut all         power is gone: what was not synced is lost, every later call fails with EIO
//   cut some SEED   the same, but of what was not synced any part may be there
// It unmounts when its standard input ends.
#define FUSE_USE_VERSION 312
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "faults/lossy_tree.h"

namespace portal::faults {
namespace {

// Names and attributes change through this mount alone, so the kernel may keep them.
constexpr double kKeepSeconds = 3600;
constexpr std::size_t kLargestWrite = 1 << 20;
constexpr fsblkcnt_t kFreeBlocks = 1 << 24;
constexpr unsigned long kBlockBytes = 4096;

/// The file system's state. One thread serves all of it.
class LossyFs {
 public:
  explicit LossyFs(std::filesystem::path disk) : disk_(std::move(disk)) { tree_.Load(disk_); }

  bool has_power() const { return power_; }

  NodePtr Find(fuse_ino_t inode) const { return inode == FUSE_ROOT_ID ? tree_.root() : known_.at(inode).node; }
  LossyTree& tree() { return tree_; }

  /// Tells the kernel of a node; it forgets it in its own time.
  fuse_entry_param Introduce(const NodePtr& node) {
    const auto inode = reinterpret_cast<fuse_ino_t>(node.get());
    Known& known = known_[inode];
    known.node = node;
    ++known.lookups;
    fuse_entry_param entry{};
    entry.ino = inode;
    entry.attr = Attributes(inode);
    entry.attr_timeout = kKeepSeconds;
    entry.entry_timeout = kKeepSeconds;
    return entry;
  }
  void Forget(fuse_ino_t inode, std::uint64_t lookups) {
    const auto known = known_.find(inode);
    if (known == known_.end()) return;
    known->second.lookups -= lookups;
    if (known->second.lookups == 0) known_.erase(known);
  }

  struct stat Attributes(fuse_ino_t inode) const {
    const NodePtr node = Find(inode);
    struct stat info {};
    info.st_ino = inode;
    info.st_mode = node->mode;
    info.st_nlink = node->is_folder() ? 2 : node->links;
    info.st_uid = ::geteuid();
    info.st_gid = ::getegid();
    info.st_size = static_cast<off_t>(node->content.live().size());
    info.st_blocks = (info.st_size + 511) / 512;
    info.st_atim = info.st_mtim = info.st_ctim = node->modified;
    return info;
  }

  void SyncBytes(Node& file) {
    if (!lying_) file.content.Sync();
  }
  void SyncNames(const Node& folder) {
    if (!lying_) tree_.SyncNames(folder);
  }

  std::string Obey(const std::string& line) {
    std::istringstream words(line);
    std::string order;
    std::string what;
    unsigned seed = 0;
    words >> order >> what >> seed;
    if (order == "lie") {
      lying_ = true;
      return "{\"lies\":true}";
    }
    if (order == "settle" && power_) {
      tree_.SyncAll();
      return "{\"settled\":true}";
    }
    if (order != "cut" || !power_ || (what != "all" && what != "some")) throw std::runtime_error("no order: " + line);
    power_ = false;
    std::mt19937 dice(seed);
    for (const auto& entry : std::filesystem::directory_iterator(disk_)) std::filesystem::remove_all(entry);
    const auto lost = tree_.WriteAfterPowerCut(disk_, what == "all" ? Loss::kAll : Loss::kSome, dice);
    return "{\"changes\":" + std::to_string(lost.changes) + ",\"names\":" + std::to_string(lost.names) + "}";
  }

 private:
  struct Known {
    NodePtr node;
    std::uint64_t lookups = 0;
  };

  const std::filesystem::path disk_;
  LossyTree tree_;
  std::unordered_map<fuse_ino_t, Known> known_;
  bool power_ = true;
  bool lying_ = false;
};

LossyFs& Of(fuse_req_t request) { return *static_cast<LossyFs*>(fuse_req_userdata(request)); }

NodePtr Child(const Node& folder, const char* name) {
  const auto found = folder.names.find(name);
  return found == folder.names.end() ? nullptr : found->second;
}

void Touch(Node& node) { ::clock_gettime(CLOCK_REALTIME, &node.modified); }

void Lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  const NodePtr child = Child(*Of(request).Find(parent), name);
  if (!child) {
    fuse_reply_err(request, ENOENT);
    return;
  }
  const fuse_entry_param entry = Of(request).Introduce(child);
  fuse_reply_entry(request, &entry);
}

void Forget(fuse_req_t request, fuse_ino_t inode, std::uint64_t lookups) {
  Of(request).Forget(inode, lookups);
  fuse_reply_none(request);
}

void ReplyAttributes(fuse_req_t request, fuse_ino_t inode) {
  const struct stat info = Of(request).Attributes(inode);
  fuse_reply_attr(request, &info, kKeepSeconds);
}

void GetAttributes(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) { ReplyAttributes(request, inode); }

void SetAttributes(fuse_req_t request, fuse_ino_t inode, struct stat* info, int which, fuse_file_info*) {
  Node& node = *Of(request).Find(inode);
  if ((which & FUSE_SET_ATTR_MODE) != 0) node.mode = (node.mode & S_IFMT) | (info->st_mode & 07777);
  if ((which & FUSE_SET_ATTR_SIZE) != 0) {
    node.content.Resize(static_cast<std::size_t>(info->st_size));
    Touch(node);
  }
  if ((which & FUSE_SET_ATTR_MTIME) != 0) node.modified = info->st_mtim;
  if ((which & FUSE_SET_ATTR_MTIME_NOW) != 0) Touch(node);
  ReplyAttributes(request, inode);
}

/// Makes a file or folder. Replies itself where it cannot.
NodePtr Make(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
  const NodePtr folder = Of(request).Find(parent);
  if (Child(*folder, name)) {
    fuse_reply_err(request, EEXIST);
    return nullptr;
  }
  auto node = std::make_shared<Node>(mode);
  Touch(*node);
  Of(request).tree().Link({folder, name}, node);
  return node;
}

void ReplyMade(fuse_req_t request, const NodePtr& node) {
  if (!node) return;
  const fuse_entry_param entry = Of(request).Introduce(node);
  fuse_reply_entry(request, &entry);
}

void MakeFolder(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
  ReplyMade(request, Make(request, parent, name, S_IFDIR | mode));
}

void MakeNode(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t) {
  if (!S_ISREG(mode)) {
    fuse_reply_err(request, EPERM);
    return;
  }
  ReplyMade(request, Make(request, parent, name, mode));
}

void Create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, fuse_file_info* file) {
  const NodePtr node = Make(request, parent, name, S_IFREG | mode);
  if (!node) return;
  const fuse_entry_param entry = Of(request).Introduce(node);
  fuse_reply_create(request, &entry, file);
}

void Link(fuse_req_t request, fuse_ino_t inode, fuse_ino_t parent, const char* name) {
  const NodePtr node = Of(request).Find(inode);
  Of(request).tree().Link({Of(request).Find(parent), name}, node);
  const fuse_entry_param entry = Of(request).Introduce(node);
  fuse_reply_entry(request, &entry);
}

void Remove(fuse_req_t request, fuse_ino_t parent, const char* name) {
  const NodePtr folder = Of(request).Find(parent);
  const NodePtr child = Child(*folder, name);
  if (!child) {
    fuse_reply_err(request, ENOENT);
  } else if (!child->names.empty()) {
    fuse_reply_err(request, ENOTEMPTY);
  } else {
    Of(request).tree().Unlink({folder, name});
    fuse_reply_err(request, 0);
  }
}

void Rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent, const char* new_name,
            unsigned flags) {
  const LossyTree::Place from{Of(request).Find(parent), name};
  const LossyTree::Place to{Of(request).Find(new_parent), new_name};
  const NodePtr node = Child(*from.folder, name);
  const NodePtr replaced = Child(*to.folder, new_name);
  if ((flags & ~unsigned{RENAME_NOREPLACE}) != 0) {
    fuse_reply_err(request, EINVAL);
  } else if (!node) {
    fuse_reply_err(request, ENOENT);
  } else if (replaced && (flags & RENAME_NOREPLACE) != 0) {
    fuse_reply_err(request, EEXIST);
  } else if (replaced && !replaced->names.empty()) {
    fuse_reply_err(request, ENOTEMPTY);
  } else {
    if (replaced != node) Of(request).tree().Move(from, to);
    fuse_reply_err(request, 0);
  }
}

void Open(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
  if ((file->flags & O_TRUNC) != 0) Of(request).Find(inode)->content.Resize(0);
  file->keep_cache = 1;
  fuse_reply_open(request, file);
}

void Read(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset, fuse_file_info*) {
  const std::string& content = Of(request).Find(inode)->content.live();
  const std::size_t from = std::min(static_cast<std::size_t>(offset), content.size());
  fuse_reply_buf(request, content.data() + from, std::min(size, content.size() - from));
}

void Write(fuse_req_t request, fuse_ino_t inode, const char* bytes, std::size_t size, off_t offset, fuse_file_info*) {
  Node& node = *Of(request).Find(inode);
  node.content.Write(static_cast<std::size_t>(offset), {bytes, size});
  Touch(node);
  fuse_reply_write(request, size);
}

void Sync(fuse_req_t request, fuse_ino_t inode, int, fuse_file_info*) {
  Of(request).SyncBytes(*Of(request).Find(inode));
  fuse_reply_err(request, 0);
}

void SyncFolder(fuse_req_t request, fuse_ino_t inode, int, fuse_file_info*) {
  Of(request).SyncNames(*Of(request).Find(inode));
  fuse_reply_err(request, 0);
}

/// A folder's names when it was opened, which its listing goes through.
using Listing = std::vector<std::pair<std::string, NodePtr>>;

Listing* ListingOf(const fuse_file_info& folder) { return reinterpret_cast<Listing*>(folder.fh); }

void OpenFolder(fuse_req_t request, fuse_ino_t inode, fuse_file_info* folder) {
  const auto& names = Of(request).Find(inode)->names;
  folder->fh = reinterpret_cast<std::uint64_t>(new Listing(names.begin(), names.end()));
  fuse_reply_open(request, folder);
}

void CloseFolder(fuse_req_t request, fuse_ino_t, fuse_file_info* folder) {
  delete ListingOf(*folder);
  fuse_reply_err(request, 0);
}

void ReadFolder(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset, fuse_file_info* folder) {
  const Listing& names = *ListingOf(*folder);
  std::string listing;
  for (auto i = static_cast<std::size_t>(offset); i < names.size(); ++i) {
    const auto& [name, node] = names[i];
    struct stat info {};
    info.st_ino = reinterpret_cast<fuse_ino_t>(node.get());
    info.st_mode = node->mode;
    const std::size_t used = listing.size();
    const std::size_t needed = fuse_add_direntry(request, nullptr, 0, name.c_str(), nullptr, 0);
    if (used + needed > size) break;
    listing.resize(used + needed);
    fuse_add_direntry(request, listing.data() + used, needed, name.c_str(), &info, static_cast<off_t>(i + 1));
  }
  fuse_reply_buf(request, listing.data(), listing.size());
}

void StatFs(fuse_req_t request, fuse_ino_t) {
  struct statvfs info {};
  info.f_bsize = info.f_frsize = kBlockBytes;
  info.f_blocks = info.f_bfree = info.f_bavail = kFreeBlocks;
  info.f_files = info.f_ffree = info.f_favail = kFreeBlocks;
  info.f_namemax = 255;
  fuse_reply_statfs(request, &info);
}

/// `operation`, for as long as there is power.
template <auto operation>
struct Powered;
template <typename... Arguments, void (*operation)(fuse_req_t, Arguments...)>
struct Powered<operation> {
  static void Call(fuse_req_t request, Arguments... arguments) {
    if (Of(request).has_power()) {
      operation(request, arguments...);
    } else {
      fuse_reply_err(request, EIO);
    }
  }
};

fuse_lowlevel_ops Operations() {
  fuse_lowlevel_ops ops{};
  ops.init = [](void*, fuse_conn_info* connection) { connection->max_write = kLargestWrite; };
  ops.forget = Forget;
  ops.lookup = Powered<Lookup>::Call;
  ops.getattr = Powered<GetAttributes>::Call;
  ops.setattr = Powered<SetAttributes>::Call;
  ops.mkdir = Powered<MakeFolder>::Call;
  ops.mknod = Powered<MakeNode>::Call;
  ops.create = Powered<Create>::Call;
  ops.link = Powered<Link>::Call;
  ops.unlink = Powered<Remove>::Call;
  ops.rmdir = Powered<Remove>::Call;
  ops.rename = Powered<Rename>::Call;
  ops.open = Powered<Open>::Call;
  ops.read = Powered<Read>::Call;
  ops.write = Powered<Write>::Call;
  ops.fsync = Powered<Sync>::Call;
  ops.fsyncdir = Powered<SyncFolder>::Call;
  ops.opendir = Powered<OpenFolder>::Call;
  ops.readdir = Powered<ReadFolder>::Call;
  ops.releasedir = CloseFolder;
  ops.statfs = Powered<StatFs>::Call;
  return ops;
}

struct SessionEnd {
  void operator()(fuse_session* session) const {
    fuse_session_unmount(session);
    fuse_session_destroy(session);
  }
};

/// Serves the kernel and obeys standard input, in turn, until the latter ends.
void Serve(fuse_session& session, LossyFs& files) {
  const int kernel = fuse_session_fd(&session);
  if (::fcntl(kernel, F_SETFL, ::fcntl(kernel, F_GETFL) | O_NONBLOCK) != 0) throw std::runtime_error("fcntl");
  fuse_buf buffer{};
  std::array<pollfd, 2> ready{{{kernel, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  while (fuse_session_exited(&session) == 0) {
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) throw std::runtime_error("poll");
    if (ready[0].revents != 0 && fuse_session_receive_buf(&session, &buffer) > 0) {
      fuse_session_process_buf(&session, &buffer);
    }
    if (ready[1].revents == 0) continue;
    std::string line;
    if (!std::getline(std::cin, line)) break;
    std::cout << files.Obey(line) << std::endl;
  }
  std::free(buffer.mem);
}

int Main(const char* program, const std::filesystem::path& disk, const char* mountpoint) {
  LossyFs files(disk);
  const fuse_lowlevel_ops ops = Operations();
  std::array<char*, 1> words{const_cast<char*>(program)};
  fuse_args args = FUSE_ARGS_INIT(static_cast<int>(words.size()), words.data());
  const std::unique_ptr<fuse_session, SessionEnd> session(fuse_session_new(&args, &ops, sizeof ops, &files));
  if (!session || fuse_session_mount(session.get(), mountpoint) != 0) return EXIT_FAILURE;
  std::cout << "{\"mounted\":true}" << std::endl;
  Serve(*session, files);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace portal::faults

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: lossy_fs DISK MOUNTPOINT\n", stderr);
    return EXIT_FAILURE;
  }
  try {
    return portal::faults::Main(argv[0], argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lossy_fs: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
