#include "faults/lossy_tree.h"

#include <fcntl.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace portal::faults {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPermissions = 07777;

void Apply(const std::string& name, const NodePtr& node, std::map<std::string, NodePtr>& names) {
  if (node) {
    names[name] = node;
  } else {
    names.erase(name);
  }
}

void Load(const fs::path& path, Node& node) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) throw std::system_error(errno, std::generic_category(), path.string());
  node.mode = info.st_mode;
  node.modified = info.st_mtim;
  if (!node.is_folder()) {
    std::ifstream file(path, std::ios::binary);
    node.content = LossyContent(std::string(std::istreambuf_iterator<char>(file), {}));
    return;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    const auto child = std::make_shared<Node>(mode_t{S_IFREG});
    Load(entry.path(), *child);
    child->links = 1;
    node.names[entry.path().filename()] = child;
  }
  node.synced_names = node.names;
}

void SyncBytes(Node& node) {
  node.content.Sync();
  for (const auto& [name, child] : node.names) SyncBytes(*child);
}

class Survivors {
 public:
  Survivors(Loss loss, std::mt19937& dice) : loss_(loss), dice_(dice) {}

  void Write(const fs::path& path, const Node& node) {
    if (node.is_folder()) {
      fs::create_directory(path);
      for (const auto& [name, child] : node.synced_names) Write(path / name, *child);
    } else {
      std::ofstream file(path, std::ios::binary | std::ios::trunc);
      file << node.content.AfterPowerCut(loss_, dice_);
      file.close();
      if (!file) throw std::runtime_error("cannot write " + path.string());
      changes_ += node.content.unsynced();
    }
    const timespec times[2] = {node.modified, node.modified};
    if (::chmod(path.c_str(), node.mode & kPermissions) != 0 || ::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) {
      throw std::system_error(errno, std::generic_category(), path.string());
    }
  }

  std::size_t changes() const { return changes_; }

 private:
  const Loss loss_;
  std::mt19937& dice_;
  std::size_t changes_ = 0;
};

}  // namespace

LossyTree::LossyTree() : root_(std::make_shared<Node>(mode_t{S_IFDIR | 0700})) { root_->links = 1; }

void LossyTree::Link(const Place& to, const NodePtr& node) { Note({{{to, node}}}); }

void LossyTree::Unlink(const Place& from) { Note({{{from, nullptr}}}); }

void LossyTree::Move(const Place& from, const Place& to) {
  const NodePtr node = from.folder->names.at(from.name);
  Note({{{from, nullptr}, {to, node}}});
}

void LossyTree::Note(Step step) {
  for (const Step::Change& change : step.changes) {
    auto& names = change.place.folder->names;
    if (const auto old = names.find(change.place.name); old != names.end()) --old->second->links;
    if (change.node) ++change.node->links;
    Apply(change.place.name, change.node, names);
    ::clock_gettime(CLOCK_REALTIME, &change.place.folder->modified);
  }
  journal_.push_back(std::move(step));
}

template <typename Wanted>
void LossyTree::Settle(Wanted wanted) {
  // From the last step back: one that concerns a name of a later, wanted step must come before it.
  std::set<Key> names;
  std::vector<bool> chosen(journal_.size());
  for (std::size_t i = journal_.size(); i-- > 0;) {
    const auto& changes = journal_[i].changes;
    const auto key = [](const Step::Change& change) { return Key(change.place.folder.get(), change.place.name); };
    chosen[i] = wanted(journal_[i]) ||
                std::ranges::any_of(changes, [&](const Step::Change& change) { return names.contains(key(change)); });
    if (!chosen[i]) continue;
    for (const Step::Change& change : changes) names.insert(key(change));
  }
  std::vector<Step> left;
  for (std::size_t i = 0; i < journal_.size(); ++i) {
    if (!chosen[i]) {
      left.push_back(std::move(journal_[i]));
      continue;
    }
    for (const Step::Change& change : journal_[i].changes) {
      Apply(change.place.name, change.node, change.place.folder->synced_names);
    }
  }
  journal_ = std::move(left);
}

void LossyTree::SyncNames(const Node& folder) {
  Settle([&](const Step& step) {
    return std::ranges::any_of(step.changes,
                               [&](const Step::Change& change) { return change.place.folder.get() == &folder; });
  });
}

void LossyTree::SyncAll() {
  Settle([](const Step&) { return true; });
  SyncBytes(*root_);
}

void LossyTree::Load(const fs::path& folder) { faults::Load(folder, *root_); }

LossyTree::Lost LossyTree::WriteAfterPowerCut(const fs::path& folder, Loss loss, std::mt19937& dice) {
  Lost lost;
  lost.names = journal_.size();
  if (loss == Loss::kSome) Settle([&](const Step&) { return dice() % 2 == 0; });
  Survivors survivors(loss, dice);
  survivors.Write(folder, *root_);
  lost.changes = survivors.changes();
  return lost;
}

}  // namespace portal::faults
