#include "faults/lossy_operations.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace portal::faults {
namespace {

constexpr std::size_t kLargestWrite = 1 << 20;
constexpr fsblkcnt_t kFreeBlocks = 1 << 24;
constexpr unsigned long kBlockBytes = 4096;

LossyState& Of(fuse_req_t request) { return *static_cast<LossyState*>(fuse_req_userdata(request)); }

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

}  // namespace

fuse_lowlevel_ops LossyOperations() {
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

}  // namespace portal::faults
