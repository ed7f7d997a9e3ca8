#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/lossy_content.h"

namespace portal::faults {

struct Node;
using NodePtr = std::shared_ptr<Node>;

/// A file or a folder. Of a folder, `names` is what programs see, `synced_names` what the disk has.
struct Node {
  explicit Node(mode_t type_and_permissions) : mode(type_and_permissions) {}
  bool is_folder() const { return S_ISDIR(mode); }

  mode_t mode;
  timespec modified{};
  nlink_t links = 0;
  LossyContent content;
  std::map<std::string, NodePtr> names;
  std::map<std::string, NodePtr> synced_names;
};

/// Files in memory that forget what was not synced: a file's bytes until the file is, its names (made, renamed,
/// removed) until the folder is. A rename is one step, as in every journaling file system: its old and its new name
/// reach the disk together, when either folder is synced. Permissions and times are always on the disk. Not
/// thread-safe.
class LossyTree {
 public:
  LossyTree();

  const NodePtr& root() const { return root_; }

  /// Gives `node` a name, in place of what has it. `from`, where it is one, loses its own in the same step.
  struct Place {
    NodePtr folder;
    std::string name;
  };
  void Link(const Place& to, const NodePtr& node);
  void Unlink(const Place& from);
  void Move(const Place& from, const Place& to);

  void SyncNames(const Node& folder);
  void SyncAll();

  /// Reads a folder of the machine: all of it is on the disk.
  void Load(const std::filesystem::path& folder);

  struct Lost {
    std::size_t changes = 0;  ///< of files' bytes
    std::size_t names = 0;    ///< made, changed or removed
  };
  /// Writes into an empty folder of the machine what a power cut now leaves. What was not synced is counted,
  /// whatever became of it.
  Lost WriteAfterPowerCut(const std::filesystem::path& folder, Loss loss, std::mt19937& dice);

 private:
  /// Names that change together.
  struct Step {
    struct Change {
      Place place;
      NodePtr node;  ///< null: the name goes
    };
    std::vector<Change> changes;
  };
  using Key = std::pair<const Node*, std::string>;

  void Note(Step step);
  /// Writes the wanted steps to the disk, and before each those that concern the same names.
  template <typename Wanted>
  void Settle(Wanted wanted);

  NodePtr root_;
  std::vector<Step> journal_;  // what is not on the disk yet, in order
};

}  // namespace portal::faults
