#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "app/doctor.h"

namespace portal::app {
namespace {

using State = Diagnosis::State;

constexpr std::uintmax_t kTooLittle = std::uintmax_t{64} << 20;
constexpr std::uintmax_t kLittle = std::uintmax_t{1} << 30;
constexpr std::uintmax_t kFewInodes = 10'000;

struct FileSystem {
  std::uint32_t magic;
  const char* name;
  State state;
};
// Numbers that linux/magic.h does not have are those of the kernel's fs/cifs, fs/9p and fs/fuse.
constexpr std::array kFileSystems = {
    FileSystem{EXT4_SUPER_MAGIC, "ext4", State::kGood},   FileSystem{XFS_SUPER_MAGIC, "XFS", State::kGood},
    FileSystem{BTRFS_SUPER_MAGIC, "btrfs", State::kGood}, FileSystem{F2FS_SUPER_MAGIC, "F2FS", State::kGood},
    FileSystem{0x2fc12fc1, "ZFS", State::kGood},          FileSystem{OVERLAYFS_SUPER_MAGIC, "overlay", State::kWarning},
    FileSystem{TMPFS_MAGIC, "tmpfs", State::kWarning},    FileSystem{NFS_SUPER_MAGIC, "NFS", State::kBad},
    FileSystem{SMB_SUPER_MAGIC, "SMB", State::kBad},      FileSystem{0xff534d42, "CIFS", State::kBad},
    FileSystem{0xfe534d42, "SMB2", State::kBad},          FileSystem{V9FS_MAGIC, "9p", State::kBad},
    FileSystem{FUSE_SUPER_MAGIC, "FUSE", State::kWarning}};

Diagnosis Kind(const std::filesystem::path& folder) {
  struct statfs system {};
  if (::statfs(folder.c_str(), &system) != 0) {
    return {"file system", State::kBad, folder.string() + ": " + std::strerror(errno), "name a folder that is there"};
  }
  const auto magic = static_cast<std::uint32_t>(system.f_type);
  for (const FileSystem& known : kFileSystems) {
    if (known.magic != magic) continue;
    const std::string name = known.name;
    if (known.state == State::kGood) return {"file system", State::kGood, name, ""};
    if (known.state == State::kBad) {
      return {"file system", State::kBad, name + ": locks and memory shared over a network are not safe for a database",
              "keep the data on a local disk"};
    }
    return {"file system", State::kWarning, name + ": what is written there may not outlive a reboot",
            "keep the data on a disk of its own, such as a volume with ext4"};
  }
  return {"file system", State::kGood, "an unknown kind", ""};
}

Diagnosis Space(const std::filesystem::path& folder) {
  struct statvfs system {};
  if (::statvfs(folder.c_str(), &system) != 0) {
    return {"space", State::kBad, folder.string() + ": " + std::strerror(errno), "name a folder that is there"};
  }
  const std::uintmax_t free_bytes = static_cast<std::uintmax_t>(system.f_bavail) * system.f_frsize;
  const std::string found = std::to_string(free_bytes >> 20) + " MiB are free";
  const std::string remedy = "free some space, or move the data to a larger disk: writes are refused when it is full";
  if ((system.f_flag & ST_RDONLY) != 0) {
    return {"space", State::kBad, "the file system is mounted read-only",
            "look for disk errors with dmesg, and mount it writable"};
  }
  if (free_bytes < kTooLittle) return {"space", State::kBad, found, remedy};
  if (free_bytes < kLittle) return {"space", State::kWarning, found, remedy};
  if (system.f_files > 0 && system.f_favail < kFewInodes) {
    return {"space", State::kWarning, found + ", but room for only " + std::to_string(system.f_favail) + " more files",
            "remove small files, or make the file system with more inodes"};
  }
  return {"space", State::kGood, found, ""};
}

}  // namespace

Diagnoses DiagnoseDisk(const config::Config& config) { return {Kind(config.data_dir), Space(config.data_dir)}; }

}  // namespace portal::app
