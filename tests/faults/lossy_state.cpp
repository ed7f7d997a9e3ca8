#include "faults/lossy_state.h"

#include <unistd.h>

#include <random>
#include <sstream>
#include <stdexcept>

namespace portal::faults {

struct stat LossyState::Attributes(fuse_ino_t inode) const {
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

fuse_entry_param LossyState::Introduce(const NodePtr& node) {
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

void LossyState::Forget(fuse_ino_t inode, std::uint64_t lookups) {
  const auto known = known_.find(inode);
  if (known == known_.end()) return;
  known->second.lookups -= lookups;
  if (known->second.lookups == 0) known_.erase(known);
}

void LossyState::SyncBytes(Node& file) {
  if (!lying_) file.content.Sync();
}

void LossyState::SyncNames(const Node& folder) {
  if (!lying_) tree_.SyncNames(folder);
}

std::string LossyState::Obey(const std::string& line) {
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

}  // namespace portal::faults
