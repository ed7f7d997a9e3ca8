// Who is known while the store is out of reach.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>

#include "resilience/circuit_breaker.h"
#include "store/injected_fault.h"
#include "unit/service/access_fixture.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using resilience::Forced;
using store::InjectedFault;

/// The store that serves is behind a breaker, and can be made to fail. The neighbour's is not.
class AccessOutageTest : public AccessFixture {
 protected:
  AccessOutageTest() {
    Change([&](store::WriteTransaction& t) {
      const model::OperatorToken watching{"tok_m", "", model::kMetricsScope, Now(), std::nullopt, std::nullopt};
      return t.CreateOperatorToken(watching, crypto::Sha256("watches"));
    });
  }

  std::unique_ptr<store::Database> OpenGuarded() {
    auto opened = store::Database::Open({.folder = folder_.path(),
                                         .workers = 2,
                                         .durability = store::Durability::kNone,
                                         .list_workers = 2,
                                         .guard = resilience::Guard(breaker_, of_writes_),
                                         .faults = &fault_},
                                        clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    return *std::move(opened);
  }
  std::optional<ErrorCode> Client(std::string_view token, std::size_t worker = 0) {
    const auto identity = guarded_access_.CheckBearer({worker}, token, Now());
    return identity ? std::nullopt : std::optional(identity.error().code);
  }
  std::optional<ErrorCode> Scraper(std::string_view token, std::size_t worker = 0) {
    const auto identity = guarded_access_.CheckScraper({worker}, token, Now());
    EXPECT_TRUE(!identity || identity->scopes.Has(model::kMetricsScope));
    return identity ? std::nullopt : std::optional(identity.error().code);
  }

  resilience::CircuitBreaker breaker_{"database", {}, clock_};
  resilience::CircuitBreaker of_writes_{"database_writes", {}, clock_};
  store::InjectedFaults fault_{InjectedFault::kNone};
  const std::unique_ptr<store::Database> guarded_ = OpenGuarded();
  Access guarded_access_{*guarded_, links_, clock_, 2};
};

TEST_F(AccessOutageTest, AScraperIsKnownPastTheBreakerAndAClientIsNot) {
  breaker_.Force(Forced::kOpen);
  EXPECT_EQ(Client("token_a"), ErrorCode::kCircuitOpen);
  EXPECT_EQ(Client("watches"), ErrorCode::kCircuitOpen);
  EXPECT_EQ(Scraper("watches"), std::nullopt);
  EXPECT_EQ(Scraper("nobody"), ErrorCode::kInvalidToken);
  EXPECT_EQ(Client("token_a"), ErrorCode::kCircuitOpen) << "a scraper has not let others in";
  Change([&](store::WriteTransaction& t) { return t.RevokeOperatorToken("tok_m"); });
  EXPECT_EQ(Scraper("watches"), ErrorCode::kInvalidToken) << "the store still says what is revoked";
}

TEST_F(AccessOutageTest, AScraperIsKnownForAWhileThoughTheStoreFails) {
  EXPECT_EQ(Scraper("watches"), std::nullopt);
  fault_ = InjectedFault::kIoError;
  clock_.Advance(RememberedScrapers::kFor);
  for (const std::size_t worker : {0, 1}) EXPECT_EQ(Scraper("watches", worker), std::nullopt) << worker;
  EXPECT_EQ(Scraper("nobody"), ErrorCode::kUnavailable);
  clock_.Advance(std::chrono::milliseconds{2});
  EXPECT_EQ(Scraper("watches"), ErrorCode::kUnavailable);
  fault_ = InjectedFault::kNone;
  EXPECT_EQ(Scraper("watches"), std::nullopt);
}

TEST_F(AccessOutageTest, WhatTheStoreHasCalledRevokedIsForgotten) {
  EXPECT_EQ(Scraper("watches"), std::nullopt);
  Change([&](store::WriteTransaction& t) { return t.RevokeOperatorToken("tok_m"); });
  EXPECT_EQ(Scraper("watches"), ErrorCode::kInvalidToken);
  fault_ = InjectedFault::kIoError;
  clock_.Advance(std::chrono::milliseconds{2});
  EXPECT_EQ(Scraper("watches"), ErrorCode::kUnavailable);
}

TEST_F(AccessOutageTest, OnlyWhoMayReadTheMetricsIsRemembered) {
  const auto asked = guarded_access_.CheckScraper({0}, "token_a", Now());
  ASSERT_TRUE(asked);
  EXPECT_FALSE(asked->scopes.Has(model::kMetricsScope));
  fault_ = InjectedFault::kIoError;
  clock_.Advance(std::chrono::milliseconds{2});
  EXPECT_FALSE(guarded_access_.CheckScraper({0}, "token_a", Now()));
}

}  // namespace
}  // namespace portal::service
