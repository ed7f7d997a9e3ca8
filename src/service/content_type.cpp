#include "service/content_type.h"

#include <algorithm>
#include <array>

#include "base/json_text.h"

namespace portal::service {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view type;
};

constexpr std::array kMagics = {
    Magic{0, "%PDF-"sv, "application/pdf"},
    Magic{0, "\x89PNG\r\n\x1A\n"sv, "image/png"},
    Magic{0, "\xFF\xD8\xFF"sv, "image/jpeg"},
    Magic{0, "GIF87a"sv, "image/gif"},
    Magic{0, "GIF89a"sv, "image/gif"},
    Magic{8, "WEBPVP8"sv, "image/webp"},  // behind RIFF and a length
    Magic{0, "II*\0"sv, "image/tiff"},
    Magic{0, "MM\0*"sv, "image/tiff"},
    Magic{4, "ftypqt  "sv, "video/quicktime"},
    Magic{4, "ftypheic"sv, "image/heic"},
    Magic{4, "ftypheix"sv, "image/heic"},
    Magic{4, "ftypmif1"sv, "image/heif"},
    Magic{4, "ftypavif"sv, "image/avif"},
    Magic{4, "ftypM4A "sv, "audio/mp4"},
    Magic{4, "ftyp"sv, "video/mp4"},  // every other brand: isom, mp42, avc1, M4V, …
    Magic{0, "\x1A\x45\xDF\xA3"sv, "video/webm"},
    Magic{8, "AVI LIST"sv, "video/x-msvideo"},
    Magic{0, "{\\rtf"sv, "application/rtf"},
    Magic{0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "application/x-ole-storage"},  // Office before 2007
    Magic{0, "\x1F\x8B\x08"sv, "application/gzip"},
};

constexpr std::string_view kZipEntry = "PK\x03\x04"sv;
constexpr std::string_view kZipEmpty = "PK\x05\x06"sv;

struct OfficeFolder {
  std::string_view begins;
  std::string_view type;
};
constexpr std::array kOfficeFolders = {
    OfficeFolder{"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    OfficeFolder{"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    OfficeFolder{"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
};
constexpr std::string_view kOpenDocument = "application/vnd.oasis.opendocument.";

/// The name in a local file header (APPNOTE.TXT §4.3.7) that begins at `at`, and what lies behind it.
struct ZipEntry {
  std::string_view name;
  std::string_view content;
};
ZipEntry ReadZipEntry(std::string_view head, std::size_t at) {
  static constexpr std::size_t kNameLength = 26;
  static constexpr std::size_t kExtraLength = 28;
  static constexpr std::size_t kFixed = 30;
  if (head.size() < at + kFixed) return {};
  const auto number = [&](std::size_t offset) {
    return static_cast<std::size_t>(static_cast<unsigned char>(head[at + offset])) |
           static_cast<std::size_t>(static_cast<unsigned char>(head[at + offset + 1])) << 8;
  };
  const std::string_view rest = head.substr(at + kFixed);
  const std::size_t skipped = std::min(rest.size(), number(kNameLength) + number(kExtraLength));
  return {rest.substr(0, number(kNameLength)), rest.substr(skipped)};
}

/// Office files are zip archives. OpenDocument says its type in its first entry; of the others, some entry's
/// folder tells. Only the entries that begin within `head` are seen, which for real files is enough.
std::string_view SniffZip(std::string_view head) {
  const ZipEntry first = ReadZipEntry(head, 0);
  if (first.name == "mimetype") {
    for (const std::string_view type :
         {"application/vnd.oasis.opendocument.text"sv, "application/vnd.oasis.opendocument.spreadsheet"sv,
          "application/vnd.oasis.opendocument.presentation"sv, "application/epub+zip"sv}) {
      if (first.content.starts_with(type)) return type;
    }
  }
  for (std::size_t at = 0; at != std::string_view::npos; at = head.find(kZipEntry, at + kZipEntry.size())) {
    const std::string_view name = ReadZipEntry(head, at).name;
    for (const OfficeFolder& folder : kOfficeFolders) {
      if (name.starts_with(folder.begins)) return folder.type;
    }
  }
  return "application/zip";
}

bool IsText(std::string_view head, bool whole) {
  static constexpr std::size_t kLongestCharacter = 4;
  const std::size_t valid = base::ValidUtf8Prefix(head);
  const bool cut = !whole && head.size() - valid < kLongestCharacter;
  if (valid != head.size() && !cut) return false;
  return std::ranges::none_of(head.substr(0, valid), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && "\t\n\r\f"sv.find(c) == std::string_view::npos) || c == 0x7F;
  });
}

}  // namespace

std::string_view SniffContentType(std::string_view head, bool whole) {
  for (const Magic& magic : kMagics) {
    if (head.size() > magic.offset && head.substr(magic.offset).starts_with(magic.bytes)) return magic.type;
  }
  if (head.starts_with(kZipEntry)) return SniffZip(head);
  if (head.starts_with(kZipEmpty)) return "application/zip";
  return !head.empty() && IsText(head, whole) ? "text/plain; charset=utf-8" : "application/octet-stream";
}

model::FileKind KindOf(std::string_view content_type) {
  if (content_type.starts_with("image/")) return model::FileKind::kPhoto;
  if (content_type.starts_with("video/")) return model::FileKind::kVideo;
  const bool office = content_type.starts_with("application/vnd.openxmlformats-officedocument.") ||
                      content_type.starts_with(kOpenDocument) || content_type == "application/x-ole-storage" ||
                      content_type == "application/rtf" || content_type == "application/epub+zip";
  const bool document = office || content_type == "application/pdf" || content_type.starts_with("text/");
  return document ? model::FileKind::kDocument : model::FileKind::kOther;
}

}  // namespace portal::service
