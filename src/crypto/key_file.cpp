#include "crypto/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/durable.h"
#include "base/hex.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "base/unique_fd.h"
#include "crypto/random.h"

namespace portal::crypto {
namespace {

using base::ErrorCode;
using base::Fail;
using std::filesystem::path;

constexpr std::size_t kMaxFileBytes = 64 * 1024;

std::string Reason(std::string_view action, const path& file) {
  return std::string(action) + " " + file.string() + ": " + std::strerror(errno);
}

auto CannotMake(std::string_view action, const path& file) {
  const bool full = base::IsOutOfSpace(errno);
  return Fail(full ? ErrorCode::kStorageFull : ErrorCode::kUnavailable,
              full ? "The signing keys cannot be written: no space is left; free some and start again"
                   : "The signing keys cannot be written; let the service's user own the data folder",
              Reason(action, file));
}

auto NotAKeyFile(const path& file, std::string_view why) {
  return Fail(ErrorCode::kUnavailable,
              "The signing key file is damaged (" + std::string(why) +
                  "); restore it from a copy, or move it away to start with a new key, which ends all signed URLs",
              file.string() + ": " + std::string(why));
}

/// Nothing of the ring is of use when somebody else can read it, so that is checked on the open file.
base::Status CheckPrivacy(int fd, const path& file) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return NotAKeyFile(file, "not a regular file");
  if (info.st_uid != ::geteuid()) {
    return Fail(ErrorCode::kUnavailable,
                "The signing key file belongs to another user; run this as the user who owns the data folder",
                file.string() + " is owned by uid " + std::to_string(info.st_uid));
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Fail(ErrorCode::kUnavailable,
                "The signing key file can be read by others; make it private (chmod 600), and replace the keys if "
                "somebody may have seen them",
                file.string() + " is accessible to group or others");
  }
  return {};
}

base::Result<std::string> ReadText(int fd, const path& file) {
  std::string text(kMaxFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ErrorCode::kUnavailable, "The signing key file cannot be read", Reason("read", file));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  if (size > kMaxFileBytes) return NotAKeyFile(file, "larger than 64 KiB");
  return text;
}

std::optional<base::WallTime> TimeField(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_string()) return std::nullopt;
  return base::ParseRfc3339(field->get_ref<const std::string&>());
}

std::optional<KeyRecord> ParseRecord(nlohmann::json& object, bool signing) {
  if (!object.is_object()) return std::nullopt;
  const auto id = object.find("id");
  const auto secret = object.find("secret");
  const auto created_at = TimeField(object, "created_at");
  if (id == object.end() || !id->is_string() || secret == object.end() || !secret->is_string() || !created_at) {
    return std::nullopt;
  }
  KeyRecord record{*id, {}, *created_at, TimeField(object, "verify_until")};
  auto& digits = secret->get_ref<std::string&>();
  const bool read = base::FromHex(digits, record.secret);
  sodium_memzero(digits.data(), digits.size());
  // A date that cannot be read must not turn a retired key into one without an end.
  if (!read || (signing ? object.contains("verify_until") : !record.verify_until)) return std::nullopt;
  return record;
}

base::Result<std::vector<KeyRecord>> ParseKeyFile(std::string_view text, const path& file) {
  nlohmann::json root = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object()) return NotAKeyFile(file, "not a JSON object");
  if (root.value("version", nlohmann::json()) != 1) return NotAKeyFile(file, "its version is not 1");
  const auto keys = root.find("keys");
  if (keys == root.end() || !keys->is_array() || keys->empty()) return NotAKeyFile(file, "it lists no keys");
  std::vector<KeyRecord> records;
  for (nlohmann::json& object : *keys) {
    auto record = ParseRecord(object, records.empty());
    if (!record) return NotAKeyFile(file, "key " + std::to_string(records.size() + 1) + " is malformed");
    records.push_back(std::move(*record));
  }
  return records;
}

/// Room for all of it from the start: a text that grew would leave secrets behind in the memory that it gave back.
std::string FormatKeyFile(const std::vector<KeyRecord>& keys) {
  constexpr std::size_t kMostOfAKey = 512;
  std::string text;
  text.reserve((keys.size() + 1) * kMostOfAKey);
  text += "{\n  \"version\": 1,\n  \"keys\": [";
  for (const KeyRecord& key : keys) {
    text += &key == keys.data() ? "\n    {\"id\": " : ",\n    {\"id\": ";
    base::AppendJsonString(key.id, text);
    text += ", \"secret\": \"";
    base::AppendHex(key.secret, text);
    text.append("\", \"created_at\": \"").append(base::FormatRfc3339(key.created_at)).append("\"");
    if (key.verify_until) text.append(", \"verify_until\": \"").append(base::FormatRfc3339(*key.verify_until)) += '"';
    text += '}';
  }
  return text += "\n  ]\n}\n";
}

base::Result<std::vector<KeyRecord>> Read(const path& file) {
  const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    if (errno == ENOENT) {
      return Fail(ErrorCode::kNotFound, "There are no signing keys yet; the portal makes one when it starts");
    }
    return Fail(ErrorCode::kUnavailable,
                "The signing key file cannot be opened; run this as the user who owns the data folder",
                Reason("open", file));
  }
  if (auto safe = CheckPrivacy(fd.get(), file); !safe) return Fail(std::move(safe).error());
  auto text = ReadText(fd.get(), file);
  if (!text) return Fail(std::move(text).error());
  auto records = ParseKeyFile(*text, file);
  sodium_memzero(text->data(), text->size());
  return records;
}

base::Status Write(const path& file, const std::vector<KeyRecord>& keys) {
  const path temporary = path(file).concat(".new");
  std::string text = FormatKeyFile(keys);
  // A process that died here may have left one, and the lock says that it is nobody's now.
  ::unlink(temporary.c_str());
  const base::UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return CannotMake("create", temporary);
  const bool written = base::WriteFully(fd.get(), std::as_bytes(std::span(text))) && ::fsync(fd.get()) == 0 &&
                       ::rename(temporary.c_str(), file.c_str()) == 0;
  sodium_memzero(text.data(), text.size());
  if (!written) {
    auto failure = CannotMake("write", temporary);
    ::unlink(temporary.c_str());
    return failure;
  }
  if (!base::SyncFolder(file.parent_path())) return CannotMake("sync", file.parent_path());
  return {};
}

/// Keeps other processes from changing the file for as long as it lives; not set when that cannot be had.
base::UniqueFd Lock(const path& keys_folder) {
  base::UniqueFd folder(::open(keys_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder && ::flock(folder.get(), LOCK_EX) != 0) folder.Reset();
  return folder;
}

}  // namespace

KeyRecord::~KeyRecord() { sodium_memzero(secret.data(), secret.size()); }

KeyRecord NewKey(base::WallTime now) {
  KeyRecord key{RandomId("key_", 12), {}, now, std::nullopt};
  FillRandom(key.secret);
  return key;
}

base::Status EnsureKeyFile(const path& keys_folder, base::WallTime now) {
  const path file = keys_folder / kKeyFileName;
  if (::faccessat(AT_FDCWD, file.c_str(), F_OK, AT_EACCESS) == 0) return {};
  if (::mkdir(keys_folder.c_str(), 0700) != 0 && errno != EEXIST) return CannotMake("create", keys_folder);
  const base::UniqueFd lock = Lock(keys_folder);
  if (!lock) return CannotMake("lock", keys_folder);
  if (::faccessat(AT_FDCWD, file.c_str(), F_OK, AT_EACCESS) == 0) return {};  // another process was faster
  if (auto written = Write(file, {NewKey(now)}); !written) return written;
  if (!base::SyncFolder(keys_folder.parent_path())) return CannotMake("sync", keys_folder.parent_path());
  return {};
}

base::Result<std::vector<KeyRecord>> ReadKeyFile(const path& keys_folder) { return Read(keys_folder / kKeyFileName); }

base::Status ChangeKeyFile(const path& keys_folder, base::FunctionRef<base::Status(std::vector<KeyRecord>&)> change) {
  const path file = keys_folder / kKeyFileName;
  const base::UniqueFd lock = Lock(keys_folder);
  if (!lock && errno != ENOENT) return CannotMake("lock", keys_folder);
  auto keys = Read(file);
  if (!keys) return Fail(std::move(keys).error());
  if (auto changed = change(*keys); !changed) return changed;
  return Write(file, *keys);
}

}  // namespace portal::crypto
