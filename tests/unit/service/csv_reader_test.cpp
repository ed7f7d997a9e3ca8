#include "service/import/csv_reader.h"

#include <gtest/gtest.h>

#include "unit/service/import_text.h"

namespace portal::service {
namespace {

constexpr ImportFormat kCsv = ImportFormat::kCsv;

TEST(CsvReader, ReadsWhatRfc4180Allows) {
  struct Case {
    std::string text;
    std::vector<std::string> rows;  // as ImportText writes them: id|name|email
  };
  const std::vector<Case> cases = {
      {"id,name\n1,Ann\n2,Bob\n", {"1|Ann|~", "2|Bob|~"}},
      {"id,name\r\n1,Ann\r\n2,Bob\r\n", {"1|Ann|~", "2|Bob|~"}},
      {"id,name\n1,Ann", {"1|Ann|~"}},
      {"id,name\r\n1,Ann\r", {"1|Ann|~"}},
      {"\xEF\xBB\xBFid,name\n1,Ann\n", {"1|Ann|~"}},
      {"\xEF\xBB\xBF\"id\",name\n1,Ann\n", {"1|Ann|~"}},
      {"name,email,id\nAnn,a@b,1\n", {"1|Ann|a@b"}},
      {"id,name,email\n1,Ann,\n2,Bob,\"\"\n", {"1|Ann|~", "2|Bob|~"}},
      {"id,name\n1,\"Ann, the \"\"first\"\"\"\n", {"1|Ann, the \"first\"|~"}},
      {"id,name\n1,\"two\nlines\"\n2,\"two\r\nlines\"\n", {"1|two\nlines|~", "2|two\r\nlines|~"}},
      {"id,name\n\"\"\"\",\"\"\"a\"\"\"\n", {"\"|\"a\"|~"}},
      {"id,name\n\n1,Ann\n\r\n\n2,Bob\n\n", {"1|Ann|~", "2|Bob|~"}},
      {"id,name\n1, Ann \n", {"1| Ann |~"}},
      {"id,name\n1,Zoë 🏠\n", {"1|Zoë 🏠|~"}},
      {"id,name\n", {}},
      {"id,name", {}},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : {1UL << 20, 1UL}) {
      EXPECT_EQ(ImportText(c.text, kCsv, {.piece_bytes = piece}).rows, c.rows) << c.text << " in pieces of " << piece;
    }
  }
}

TEST(CsvReader, NamesLineAndColumnOfBadRowsAndGoesOnBehindThem) {
  struct Case {
    std::string text;
    std::uint64_t line, column;
    std::string says;
    std::vector<std::string> rows;
  };
  const std::vector<Case> cases = {
      {"id,name\n1,Ann,x\n2,Bob\n", 2, 7, "expected 2 columns as in the first line, found 3", {"2|Bob|~"}},
      {"id,name\n1\n2,Bob\n", 2, 1, "expected 2 columns as in the first line, found 1", {"2|Bob|~"}},
      {"id,name\n1,A\"nn\n2,Bob\n", 2, 4, "a quote inside a field without quotes", {"2|Bob|~"}},
      {"id,name\n1,\"Ann\"x\n2,Bob\n", 2, 8, "text after the closing quote", {"2|Bob|~"}},
      {"id,name\n1,Ann\rx\n2,Bob\n", 2, 6, "a carriage return that ends no line", {"2|Bob|~"}},
      {"id,name\n1,A\xFFnn\n2,Bob\n", 2, 4, "not UTF-8", {"2|Bob|~"}},
      {"id,name\n1,\xC3\xA9\xC0\xAF\n2,Bob\n", 2, 4, "not UTF-8", {"2|Bob|~"}},
      {"id,name\n\"1\n\",\"\xC3\xA9\n\xC3\xA9\xED\xA0\x80\"\n2,Bob\n", 4, 2, "not UTF-8", {"2|Bob|~"}},
      {std::string("id,name\n1,A\0nn\n2,Bob\n", 21), 2, 4, "a NUL byte", {"2|Bob|~"}},
      {"id,name\n\"a\nb\",1\n1,2,3\n2,Bob\n", 4, 5, "expected 2 columns", {"a\nb|1|~", "2|Bob|~"}},
      {"id,name\n\"a\nb\"x\n1,2,3\n", 3, 3, "text after the closing quote", {}},
      {"id,name\n1," + std::string(kMaxFieldBytes + 1, 'x') + "\n2,Bob\n",
       2,
       3,
       "a field longer than 64 KiB",
       {"2|Bob|~"}},
      {"id,name\n1,\"" + std::string(kMaxFieldBytes + 1, 'x') + "\"\n2,Bob\n", 2, 3, "a field longer", {"2|Bob|~"}},
      {"id,name\n1," + std::string(kMaxFieldBytes + 1, 'x'), 2, 3, "a field longer than 64 KiB", {}},
  };
  for (const Case& c : cases) {
    const ReadText read = ImportText(c.text, kCsv);
    ASSERT_GE(read.bad.size(), 1U) << c.says;
    EXPECT_EQ(read.bad.front().line, c.line) << c.says;
    EXPECT_EQ(read.bad.front().column, c.column) << c.says;
    EXPECT_NE(read.bad.front().message.find(c.says), std::string::npos) << read.bad.front().message;
    if (!c.rows.empty()) {
      EXPECT_EQ(read.rows, c.rows) << c.says;
    }
    EXPECT_FALSE(read.broken) << c.says;
  }
}

TEST(CsvReader, LinesAreRightBehindABadRow) {
  const ReadText read = ImportText("id,name\n1\n\n2,x,y\n\"3\n\",\"x\"y\n4,5,6\n", kCsv);
  std::vector<std::uint64_t> lines;
  for (const BadRow& row : read.bad) lines.push_back(row.line);
  EXPECT_EQ(lines, (std::vector<std::uint64_t>{2, 4, 6, 7}));
}

TEST(CsvReader, EndsAtAQuoteThatIsNeverClosed) {
  ReadText read = ImportText("id,name\n1,Ann\n2,\"Bob\n3,Cid\n", kCsv);
  EXPECT_EQ(read.rows, std::vector<std::string>{"1|Ann|~"});
  ASSERT_TRUE(read.broken);
  EXPECT_EQ(read.broken->line, 3U);
  EXPECT_EQ(read.broken->column, 3U);
  EXPECT_NE(read.broken->message.find("never closed"), std::string::npos);

  read = ImportText("id,name\n2,\"" + std::string(2 << 20, '\n') + "\"\n", kCsv);
  ASSERT_TRUE(read.broken);
  EXPECT_EQ(read.broken->line, 2U);
  EXPECT_NE(read.broken->message.find("not closed within 1 MiB"), std::string::npos);
}

TEST(CsvReader, RefusesHeadersThatItCannotFollow) {
  struct Case {
    std::string text, says;
    std::uint64_t column;
  };
  const std::vector<Case> cases = {
      {"", "the file is empty", 1},
      {"\n\n", "the file is empty", 1},
      {"id,nmae\n", "there is no column \"nmae\"; did you mean \"name\"?", 4},
      {"id,name,Email\n", "there is no column \"Email\"; did you mean \"email\"?", 9},
      {"id,name,zebra\n", "there is no column \"zebra\"; the columns are id, name, email", 9},
      {"id,name,name\n", "the column \"name\" is named twice", 9},
      {"name,email\n", "the column \"id\" is missing", 1},
      {"id\n", "the column \"name\" is missing", 1},
      {"id;name\n1;Ann\n", "separated by commas", 1},
      {"id\tname\n", "separated by commas", 1},
      {"id,\"name\n", "never closed", 4},
      {"i\xFF"
       "d,name\n",
       "not UTF-8", 2},
      {"\xFF\xFEi\0", "the file is UTF-16", 1},
  };
  for (const Case& c : cases) {
    const ReadText read = ImportText(c.text, kCsv);
    ASSERT_TRUE(read.broken) << c.text;
    EXPECT_NE(read.broken->message.find(c.says), std::string::npos) << read.broken->message;
    EXPECT_EQ(read.broken->column, c.column) << c.text;
    EXPECT_TRUE(read.rows.empty());
  }
}

TEST(CsvReader, SkipsUnknownColumnsWhenAsked) {
  const ReadText read = ImportText("zebra,id,x,name\n0,1,2,Ann\n", kCsv, {.ignore_unknown = true});
  EXPECT_EQ(read.rows, std::vector<std::string>{"1|Ann|~"});
}

TEST(CsvReader, KeepsRowsWholeAcrossTheEdgesOfItsBuffer) {
  std::string text = "id,name\n";
  std::vector<std::string> rows;
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "N" + std::to_string(i) + std::string(static_cast<std::size_t>(i % 97), 'x');
    text += std::to_string(i) + ",\"" + name + " \"\"q\"\"\n\"\n";
    rows.push_back(std::to_string(i) + "|" + name + " \"q\"\n|~");
  }
  EXPECT_EQ(ImportText(text, kCsv).rows, rows);
  EXPECT_EQ(ImportText(text, kCsv, {.piece_bytes = 4099}).rows, rows);
}

}  // namespace
}  // namespace portal::service
