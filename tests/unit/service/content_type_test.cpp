#include "service/content_type.h"

#include <gtest/gtest.h>

#include <string>

namespace portal::service {
namespace {

using namespace std::string_literals;

/// A local file header of a zip archive with this name, and content.
std::string Entry(const std::string& name, const std::string& content = "xx") {
  std::string header = "PK\3\4"s + std::string(22, '\0');
  header += static_cast<char>(name.size());
  header += "\0\0\0"s;
  return header + name + content;
}

TEST(ContentType, IsWhatTheBytesShow) {
  struct Case {
    std::string head, type;
    model::FileKind kind;
  };
  using enum model::FileKind;
  const std::vector<Case> cases = {
      {"%PDF-1.7\n%\xE2\xE3\xCF\xD3", "application/pdf", kDocument},
      {"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s, "image/png", kPhoto},
      {"\xFF\xD8\xFF\xE0\0\x10JFIF"s, "image/jpeg", kPhoto},
      {"GIF89a\1\0\1\0"s, "image/gif", kPhoto},
      {"RIFF\x24\0\0\0WEBPVP8 "s, "image/webp", kPhoto},
      {"\0\0\0\x18"
       "ftypheic"s,
       "image/heic", kPhoto},
      {"\0\0\0\x20"
       "ftypisom"s,
       "video/mp4", kVideo},
      {"\0\0\0\x20"
       "ftypmp42"s,
       "video/mp4", kVideo},
      {"\0\0\0\x14"
       "ftypqt  "s,
       "video/quicktime", kVideo},
      {Entry("a.txt") + Entry("b.txt"), "application/zip", kOther},
      {Entry("[Content_Types].xml") + Entry("_rels/.rels") + Entry("word/document.xml"),
       "application/vnd.openxmlformats-officedocument.wordprocessingml.document", kDocument},
      {Entry("[Content_Types].xml") + Entry("xl/workbook.xml"),
       "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", kDocument},
      {Entry("ppt/presentation.xml"), "application/vnd.openxmlformats-officedocument.presentationml.presentation",
       kDocument},
      {Entry("mimetype", "application/vnd.oasis.opendocument.spreadsheetPK"),
       "application/vnd.oasis.opendocument.spreadsheet", kDocument},
      {Entry("crossword/x"), "application/zip", kOther},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0"s, "application/x-ole-storage", kDocument},
      {"Plain text,\r\n\twith Zoë and 🏠\n", "text/plain; charset=utf-8", kDocument},
      {"<html><script>alert(1)</script>", "text/plain; charset=utf-8", kDocument},
      {"", "application/octet-stream", kOther},
      {"text with a \0 in it"s, "application/octet-stream", kOther},
      {"text with an escape \x1B[31m", "application/octet-stream", kOther},
      {"\xFF\xFE\0x"s, "application/octet-stream", kOther},
      {"RIFF....WAVEfmt ", "text/plain; charset=utf-8", kDocument},
      {"PK\3", "application/octet-stream", kOther},
      {"PK\3\4", "application/zip", kOther},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(SniffContentType(c.head, true), c.type) << c.head;
    EXPECT_EQ(KindOf(c.type), c.kind) << c.type;
  }
}

TEST(ContentType, TextMayBeCutInsideACharacterOnlyWhereTheFileGoesOn) {
  const std::string cut = "Zo\xC3";
  EXPECT_EQ(SniffContentType(cut, false), "text/plain; charset=utf-8");
  EXPECT_EQ(SniffContentType(cut, true), "application/octet-stream");
}

}  // namespace
}  // namespace portal::service
