// The machine's wall clock is set while the portal runs: what expires follows it, what is a deadline does not, and the
// log says so once.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "support/raw_client.h"
#include "support/test_portal.h"

namespace portal {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::RawClient;
using testing::RawResponse;
using testing::TestPortal;

constexpr std::string_view kBearer = "Authorization: Bearer prod_token\r\n";
constexpr std::string_view kAdmin = "Authorization: Bearer admin_token\r\n";
constexpr auto kDay = 24h;
constexpr auto kTenYears = 24h * 3652;

/// The machine's clocks, with a wall clock that can be set.
class SettableClock final : public base::Clock {
 public:
  base::MonotonicTime Monotonic() const override { return system_.Monotonic(); }
  base::WallTime Wall() const override { return system_.Wall() + milliseconds(ahead_ms_); }
  void SetAhead(milliseconds by) { ahead_ms_ = by.count(); }

 private:
  const base::SystemClock system_{};
  std::atomic<std::int64_t> ahead_ms_{0};
};

class ClockJumps : public ::testing::Test {
 protected:
  /// The jumps that the log tells, once it tells that many.
  std::vector<std::int64_t> LoggedJumps(std::size_t count) {
    const auto patience = std::chrono::steady_clock::now() + 15s;
    while (true) {
      std::vector<std::int64_t> jumps;
      std::ifstream log(log_file_);
      for (std::string line; std::getline(log, line);) {
        const auto entry = nlohmann::json::parse(line);
        if (entry.at("event") == "clock_jumped") jumps.push_back(entry.at("by_ms").get<std::int64_t>());
      }
      if (jumps.size() >= count || std::chrono::steady_clock::now() > patience) return jumps;
      std::this_thread::sleep_for(20ms);
    }
  }

  std::string SignedTarget() {
    const auto row =
        nlohmann::json::parse(RawClient(portal_.port()).Get("/v1/jobs/job_prod_test/files/file_prod001", kBearer).body);
    const auto url = row.at("signed_url").get<std::string>();
    return url.substr(url.find("/files/"));
  }
  int Head(const std::string& target) {
    RawClient client(portal_.port());
    client.Send("HEAD " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return client.ReadResponse(true).status;
  }
  std::int64_t UptimeSeconds() {
    const auto status = nlohmann::json::parse(RawClient(portal_.control_port()).Get("/api/status", kAdmin).body);
    return status.at("uptime_seconds").get<std::int64_t>();
  }

  const testing::TempFolder folder_;
  const std::filesystem::path log_file_ = folder_.path() / "log";
  const base::UniqueFd log_{::open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  SettableClock clock_;
  TestPortal portal_{&clock_, log_.get()};
};

TEST_F(ClockJumps, DisturbNoDeadlineOfAConnectionAndNoDuration) {
  for (const milliseconds ahead : {milliseconds(-kDay), milliseconds(kTenYears), 1000ms, -1000ms}) {
    clock_.SetAhead(0ms);
    RawClient idle(portal_.port());
    ASSERT_EQ(idle.Get("/v1/health").status, 200);
    RawClient in_a_head(portal_.port());
    in_a_head.Send("GET /v1/health HT");
    RawClient in_a_download(portal_.port(), 4096);
    in_a_download.Send("GET " + SignedTarget() + " HTTP/1.1\r\nHost: test\r\n\r\n");
    ASSERT_FALSE(in_a_download.ReadOnce(1).empty());

    clock_.SetAhead(ahead);
    // Each round of a loop looks at the deadlines of all of its connections.
    for (int round = 0; round < 50; ++round) ASSERT_EQ(RawClient(portal_.port()).Get("/v1/health").status, 200);
    EXPECT_EQ(idle.Get("/v1/health").status, 200) << ahead.count();
    in_a_head.Send("TP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(in_a_head.ReadResponse().status, 200) << ahead.count();
    std::size_t received = 1;
    while (received < 2'457'600) received += in_a_download.ReadOnce(1 << 20).size();
    EXPECT_EQ(RawClient(portal_.port()).Get("/v1/contacts?limit=1", kBearer).status, 200) << ahead.count();
    const std::int64_t up = UptimeSeconds();
    EXPECT_TRUE(up >= 0 && up < 600) << up << " seconds after a jump of " << ahead.count();
  }
}

TEST_F(ClockJumps, AreFollowedByWhatExpires) {
  const std::string target = SignedTarget();
  ASSERT_EQ(Head(target), 200);
  clock_.SetAhead(14min);
  EXPECT_EQ(Head(target), 200);
  clock_.SetAhead(16min);
  EXPECT_EQ(Head(target), 403);
  clock_.SetAhead(milliseconds(-kDay));
  EXPECT_EQ(Head(target), 403) << "further ahead than a URL may live";
  EXPECT_EQ(Head(SignedTarget()), 200) << "what is signed now is good now";
  clock_.SetAhead(0ms);
  EXPECT_EQ(Head(target), 200);
}

TEST_F(ClockJumps, AreLoggedOnceEach) {
  std::vector<std::int64_t> expected;
  milliseconds ahead{0};
  for (const milliseconds by : {milliseconds(-kDay), milliseconds(kTenYears), 1000ms, -1000ms}) {
    clock_.SetAhead(ahead += by);
    expected.push_back(by.count());
    const auto logged = LoggedJumps(expected.size());
    ASSERT_EQ(logged.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_LE(std::abs(logged[i] - expected[i]), 100);
  }
}

}  // namespace
}  // namespace portal
