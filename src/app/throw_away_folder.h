#pragma once

#include <filesystem>
#include <utility>

#include "base/result.h"

namespace portal::app {

/// A private folder (0700) that goes with its owner; in memory (tmpfs) where the machine has a place for it.
class ThrowAwayFolder {
 public:
  static base::Result<ThrowAwayFolder> Make();

  ThrowAwayFolder(ThrowAwayFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~ThrowAwayFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ThrowAwayFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace portal::app
