#include "faults/lossy_content.h"

#include <algorithm>

namespace portal::faults {
namespace {

constexpr std::size_t kSectorBytes = 512;

void Overwrite(std::string& content, std::size_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

void LossyContent::Write(std::size_t offset, std::string_view bytes) {
  changes_.push_back({false, offset, std::string(bytes)});
  Apply(changes_.back(), live_);
}

void LossyContent::Resize(std::size_t size) {
  changes_.push_back({true, size, {}});
  Apply(changes_.back(), live_);
}

void LossyContent::Sync() {
  for (const Change& change : changes_) Apply(change, synced_);
  changes_.clear();
}

std::string LossyContent::AfterPowerCut(Loss loss, std::mt19937& dice) const {
  std::string content = synced_;
  if (loss == Loss::kAll) return content;
  for (const Change& change : changes_) {
    switch (dice() % 3) {
      case 0:
        Apply(change, content);
        break;
      case 1:
        ApplyTorn(change, dice, content);
        break;
      default:
        break;
    }
  }
  return content;
}

void LossyContent::Apply(const Change& change, std::string& content) {
  if (change.resize) {
    content.resize(change.at);
  } else {
    Overwrite(content, change.at, change.bytes);
  }
}

void LossyContent::ApplyTorn(const Change& change, std::mt19937& dice, std::string& content) {
  if (change.resize) {
    if (dice() % 2 == 0) Apply(change, content);
    return;
  }
  std::string_view rest = change.bytes;
  for (std::size_t at = change.at; !rest.empty();) {
    const std::size_t part = std::min(rest.size(), kSectorBytes - at % kSectorBytes);
    if (dice() % 2 == 0) Overwrite(content, at, rest.substr(0, part));
    rest.remove_prefix(part);
    at += part;
  }
}

}  // namespace portal::faults
