#include "service/import/import_seen_ids.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/sodium.h"

namespace portal::service {
namespace {

TEST(ImportSeenIds, RemembersTheFirstLineOfEveryIdAcrossItsGrowth) {
  crypto::Initialize();
  ImportSeenIds seen;
  constexpr std::uint64_t kIds = 50'000;
  for (std::uint64_t line = 1; line <= kIds; ++line) EXPECT_EQ(seen.Note("job_" + std::to_string(line), line), 0U);
  for (std::uint64_t line = 1; line <= kIds; ++line) EXPECT_EQ(seen.Note("job_" + std::to_string(line), 7), line);
}

TEST(ImportSeenIds, TellsApartIdsOfAnyLength) {
  ImportSeenIds seen;
  std::string id;
  for (std::uint64_t line = 1; line <= 64; ++line) {
    EXPECT_EQ(seen.Note(id, line), 0U);
    EXPECT_EQ(seen.Note(id, 99), line);
    id += '\0';
  }
}

}  // namespace
}  // namespace portal::service
