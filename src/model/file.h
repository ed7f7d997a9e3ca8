#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace portal::model {

/// Stored as its number: append only.
enum class FileKind : std::uint8_t { kDocument, kPhoto, kVideo, kOther };
inline constexpr std::array<std::string_view, 4> kFileKindNames = {"document", "photo", "video", "other"};
inline std::string_view ToText(FileKind kind) { return kFileKindNames[static_cast<std::size_t>(kind)]; }
std::optional<FileKind> ParseFileKind(std::string_view text);

/// `file_` and 1 to 60 of `[A-Za-z0-9_-]`.
bool IsFileId(std::string_view text);
/// 1 to 255 bytes of UTF-8, no `/`, no control character, not `.` or `..`.
bool IsFileName(std::string_view text);

/// `type/subtype` of RFC 9110 §8.3.1, and whatever printable parameters follow a semicolon; at most 255 bytes.
bool IsContentType(std::string_view text);
inline constexpr std::size_t kMaxContentTypeBytes = 255;

/// The SHA-256 of a blob's bytes: its name in the blob store, its ETag, `sha256` in the API.
using ContentHash = std::array<unsigned char, 32>;

/// A row that says: this job has a file of this name, and these are its bytes.
struct File {
  base::FileId id;
  base::JobId job_id;
  std::string name;  ///< `IsFileName`; unique within its job
  FileKind kind = FileKind::kOther;
  std::string content_type;
  std::int64_t size_bytes = 0;
  ContentHash sha256{};
  base::WallTime created_at;
  friend bool operator==(const File&, const File&) = default;
};

/// A file as a page reads it: views into the database's row, gone when the row is.
struct FileView {
  std::string_view id;
  std::string_view name;
  FileKind kind;
  std::string_view content_type;
  std::int64_t size_bytes;
  std::span<const unsigned char, 32> sha256;
  base::WallTime created_at;
};

enum class FileSort { kCreatedAt, kName };

}  // namespace portal::model
