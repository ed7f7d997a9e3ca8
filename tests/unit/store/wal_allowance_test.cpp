#include "store/wal_allowance.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_folder.h"

namespace portal::store::testing {
namespace {

constexpr std::uintmax_t kMiB = 1 << 20;
constexpr std::uintmax_t kGiB = 1 << 30;

TEST(WalAllowance, IsTheDatabasesSizeAndNeverMoreThanHalfOfTheFreeSpace) {
  const struct {
    std::uintmax_t database, free, allowed;
  } rows[] = {{10 * kMiB, 100 * kGiB, kGiB},
              {3 * kGiB, 100 * kGiB, 3 * kGiB},
              {3 * kGiB, 4 * kGiB, 2 * kGiB},
              {10 * kMiB, 500 * kMiB, 250 * kMiB},
              {3 * kGiB, 0, 0}};
  for (const auto& row : rows) EXPECT_EQ(WalAllowance(row.database, row.free), row.allowed) << row.free;
}

TEST(WalWatch, CountsWhatCameSinceItBegan) {
  const portal::testing::TempFolder folder;
  const auto database = folder.path() / "portal.db";
  std::ofstream(folder.path() / "portal.db-wal") << std::string(1000, 'x');
  const WalWatch watch(database);
  EXPECT_EQ(watch.Growth(), 0u);
  EXPECT_FALSE(watch.TooMuch());
  std::ofstream(folder.path() / "portal.db-wal") << std::string(3000, 'x');
  EXPECT_EQ(watch.Growth(), 2000u);
  EXPECT_FALSE(watch.TooMuch());
  // A file with a hole, so that no disk is filled by this.
  std::filesystem::resize_file(folder.path() / "portal.db-wal", 2 * kGiB);
  EXPECT_TRUE(watch.TooMuch());
}

}  // namespace
}  // namespace portal::store::testing
