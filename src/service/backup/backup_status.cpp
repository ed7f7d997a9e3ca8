#include "service/backup/backup_status.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "base/durable.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "service/backup/blob_copy.h"
#include "service/rapidjson_document.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr const char* kName = "last-backup.json";
constexpr std::size_t kMostBytes = 64 * 1024;

std::optional<LastBackup> Parse(std::string_view text) {
  rapidjson::Document root;
  root.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (root.HasParseError() || !root.IsObject()) return std::nullopt;
  const rapidjson::Value& members = root;
  const auto text_of = [&](const char* name) -> std::string {
    const auto at = members.FindMember(name);
    return at != members.MemberEnd() && at->value.IsString() ? at->value.GetString() : "";
  };
  const auto count_of = [&](const char* name) -> std::int64_t {
    const auto at = members.FindMember(name);
    return at != members.MemberEnd() && at->value.IsInt64() ? at->value.GetInt64() : 0;
  };
  const auto at = base::ParseRfc3339(text_of("at"));
  if (!at) return std::nullopt;
  return LastBackup{*at,
                    text_of("result") == "ok",
                    text_of("reason"),
                    count_of("bytes"),
                    count_of("seconds"),
                    base::ParseRfc3339(text_of("last_good"))};
}

std::string ToJson(const LastBackup& last) {
  std::string out = "{\"at\": \"" + base::FormatRfc3339(last.at) + "\", \"result\": ";
  out += last.ok ? "\"ok\"" : "\"failed\"";
  out += ", \"reason\": ";
  base::AppendJsonString(last.reason, out);
  out += ", \"bytes\": " + std::to_string(last.bytes) + ", \"seconds\": " + std::to_string(last.seconds);
  if (last.last_good) out += ", \"last_good\": \"" + base::FormatRfc3339(*last.last_good) + "\"";
  return out + "}\n";
}

auto CannotKeep(const std::filesystem::path& file) {
  const int error = errno;
  return Fail(base::IsOutOfSpace(error) ? ErrorCode::kStorageFull : ErrorCode::kUnavailable,
              "The backup's result cannot be kept in the data folder", file.string() + ": " + std::strerror(error));
}

}  // namespace

base::Result<std::optional<LastBackup>> ReadLastBackup(const std::filesystem::path& data_folder) {
  const auto fd = OpenForReading(data_folder / kName);
  if (!fd && fd.error().code == ErrorCode::kNotFound) return std::nullopt;
  if (!fd) return Fail(fd.error());
  std::string text(kMostBytes, '\0');
  const ssize_t got = ::pread(fd->get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  auto last = Parse(text);
  if (!last) {
    return Fail(ErrorCode::kUnavailable, "last-backup.json in the data folder is damaged; the next backup replaces it");
  }
  return last;
}

base::Status WriteLastBackup(const std::filesystem::path& data_folder, const LastBackup& last) {
  const std::filesystem::path file = data_folder / kName;
  const std::filesystem::path unfinished = data_folder / (std::string(kName) + ".new");
  ::unlink(unfinished.c_str());  // one that died here may have left it; only one backup runs at a time
  const std::string text = ToJson(last);
  const base::UniqueFd fd(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return CannotKeep(unfinished);
  if (base::WriteFully(fd.get(), std::as_bytes(std::span(text))) && ::fsync(fd.get()) == 0 &&
      ::rename(unfinished.c_str(), file.c_str()) == 0 && base::SyncFolder(data_folder)) {
    return {};
  }
  auto failure = CannotKeep(file);
  ::unlink(unfinished.c_str());
  return failure;
}

}  // namespace portal::service
