#include "store/search_segments.h"

#include <gtest/gtest.h>

#include <vector>

namespace portal::store {
namespace {

// A cookie, two levels, three segments, 300 pages written; the first level has pages 1 to 9 and 3 to 5 of segments
// 4 and 5, the second 1 to 200 of segment 1.
const std::vector<unsigned char> kRecord = {0, 0, 0, 7, 2, 3, 0x82, 0x2c, 0, 2,    4,
                                            1, 9, 5, 3, 5, 0, 1,    1,    1, 0x81, 0x48};

TEST(SearchSegments, AreCountedFromTheStructuresRecord) {
  const auto found = ParseSearchSegments(kRecord);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->count, 3);
  EXPECT_EQ(found->pages, 212);
  EXPECT_EQ(found->pages_of_largest, 200);
  EXPECT_EQ(found->pages_written, 300);
}

TEST(SearchSegments, AreNotToldFromARecordThatEndsEarly) {
  for (std::size_t size = 0; size < kRecord.size(); ++size) {
    EXPECT_FALSE(ParseSearchSegments(std::span(kRecord).first(size))) << size << " bytes";
  }
}

TEST(SearchSegments, AreNotToldFromARecordOfAnUnknownForm) {
  std::vector<unsigned char> record = kRecord;
  record[4] = 0xff;
  EXPECT_FALSE(ParseSearchSegments(record));
  EXPECT_FALSE(ParseSearchSegments(std::vector<unsigned char>{0, 0, 0, 7, 0x81, 0x81, 0x81, 0x81, 0x81, 1, 1}));
}

}  // namespace
}  // namespace portal::store
