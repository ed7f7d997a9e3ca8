#include "service/remembered_scrapers.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "crypto/hash.h"

namespace portal::service {
namespace {

using std::chrono::milliseconds;

const http::Identity kScraper{{}, {}, model::kMetricsScope};
constexpr base::MonotonicTime kNow{std::chrono::hours{1}};
constexpr base::WallTime kWall{std::chrono::hours{1}};

TEST(RememberedScrapers, AreKnownForAWhile) {
  RememberedScrapers scrapers;
  const auto token = crypto::Sha256("token");
  EXPECT_FALSE(scrapers.Recall(token, kNow, kWall));
  scrapers.Remember(token, kScraper, std::nullopt, kNow);
  const auto known = scrapers.Recall(token, kNow + RememberedScrapers::kFor, kWall);
  ASSERT_TRUE(known);
  EXPECT_TRUE(known->scopes.Has(model::kMetricsScope));
  EXPECT_FALSE(scrapers.Recall(token, kNow + RememberedScrapers::kFor + milliseconds{1}, kWall));
  EXPECT_FALSE(scrapers.Recall(crypto::Sha256("another"), kNow, kWall));
  scrapers.Remember(token, kScraper, std::nullopt, kNow + milliseconds{1});
  EXPECT_TRUE(scrapers.Recall(token, kNow + RememberedScrapers::kFor + milliseconds{1}, kWall));
}

TEST(RememberedScrapers, EndWhenTheirTokensDo) {
  RememberedScrapers scrapers;
  const auto token = crypto::Sha256("token");
  scrapers.Remember(token, kScraper, kWall, kNow);
  EXPECT_TRUE(scrapers.Recall(token, kNow, kWall - milliseconds{1}));
  EXPECT_FALSE(scrapers.Recall(token, kNow, kWall));
  scrapers.Forget(token);
  EXPECT_FALSE(scrapers.Recall(token, kNow, kWall - milliseconds{1}));
}

TEST(RememberedScrapers, AreNotMoreThanAFew) {
  RememberedScrapers scrapers;
  constexpr int kMany = 1000;
  for (int i = 0; i < kMany; ++i) scrapers.Remember(crypto::Sha256(std::to_string(i)), kScraper, std::nullopt, kNow);
  int known = 0;
  for (int i = 0; i < kMany; ++i) known += scrapers.Recall(crypto::Sha256(std::to_string(i)), kNow, kWall) ? 1 : 0;
  EXPECT_LE(known, 64);
  EXPECT_TRUE(scrapers.Recall(crypto::Sha256(std::to_string(kMany - 1)), kNow, kWall));
}

}  // namespace
}  // namespace portal::service
