#pragma once

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <utility>

#include "faults/lossy_tree.h"

namespace portal::faults {

// Names and attributes change through this mount alone, so the kernel may keep them.
inline constexpr double kKeepSeconds = 3600;

/// The state of a mounted LossyTree: the nodes that the kernel knows, and whether there is power. Not thread-safe.
class LossyState {
 public:
  /// Loads the folder `disk`, which is next written when the power is cut.
  explicit LossyState(std::filesystem::path disk) : disk_(std::move(disk)) { tree_.Load(disk_); }

  bool has_power() const { return power_; }
  LossyTree& tree() { return tree_; }

  /// REQUIRES: the kernel knows it.
  NodePtr Find(fuse_ino_t inode) const { return inode == FUSE_ROOT_ID ? tree_.root() : known_.at(inode).node; }
  struct stat Attributes(fuse_ino_t inode) const;
  /// Tells the kernel of a node, which forgets it in its own time.
  fuse_entry_param Introduce(const NodePtr& node);
  void Forget(fuse_ino_t inode, std::uint64_t lookups);

  // Nothing happens on a disk that lies.
  void SyncBytes(Node& file);
  void SyncNames(const Node& folder);

  /// Does what a line of standard input says, and answers in JSON. Throws std::runtime_error for what is no order.
  std::string Obey(const std::string& line);

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

}  // namespace portal::faults
