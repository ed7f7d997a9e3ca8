#include "service/import/import_format.h"

#include <gtest/gtest.h>

#include "unit/service/import_text.h"

namespace portal::service {
namespace {

TEST(ImportFormat, FollowsTheNameThenTheFirstByte) {
  struct Case {
    std::string name, text;
    ImportFormat format;
  };
  for (const Case& c :
       {Case{"a.csv", "{", ImportFormat::kCsv}, Case{"a.ndjson", "id", ImportFormat::kNdjson},
        Case{"a.jsonl", "id", ImportFormat::kNdjson}, Case{"a.json", "id", ImportFormat::kNdjson},
        Case{"-", "{\"id\"", ImportFormat::kNdjson}, Case{"-", "\xEF\xBB\xBF\n  {", ImportFormat::kNdjson},
        Case{"-", "id,name", ImportFormat::kCsv}, Case{"export", "[{", ImportFormat::kNdjson},
        Case{"-", "", ImportFormat::kCsv}, Case{"-", "   \n", ImportFormat::kCsv}}) {
    const PipedText pipe(c.text, 1);
    ImportSource source(pipe.fd());
    EXPECT_EQ(GuessImportFormat(c.name, source), c.format) << c.name << " " << c.text;
    EXPECT_TRUE(c.text.starts_with(source.Pending()));
  }
}

}  // namespace
}  // namespace portal::service
