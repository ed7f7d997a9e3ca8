// Signed URLs that somebody has tampered with, as they come over a socket.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/raw_client.h"
#include "support/tampering.h"
#include "support/test_portal.h"

namespace portal {
namespace {

using testing::RawClient;
using testing::RawResponse;
using testing::Tampering;
using testing::TestPortal;

constexpr std::size_t kTargets = 1'000;
constexpr std::uint64_t kSeed = 20'250'902;

/// The targets of the URLs that the portal hands out for one job's files.
std::vector<std::string> Genuine(TestPortal& portal) {
  RawClient client(portal.port());
  std::vector<std::string> targets;
  for (const char* query : {"", "?disposition=inline", "?disposition=attachment"}) {
    const std::string target = "/v1/jobs/job_prod_test/files" + std::string(query);
    const auto page = nlohmann::json::parse(client.Get(target, "Authorization: Bearer prod_token\r\n").body);
    for (const auto& row : page.at("data")) {
      const auto url = row.at("signed_url").get<std::string>();
      targets.push_back(url.substr(url.find("/files/")));
    }
  }
  return targets;
}

TEST(TamperedUrls, AreRefusedOverASocketAndGetNothingOfAFile) {
  TestPortal portal;
  const std::vector<std::string> genuine = Genuine(portal);
  Tampering tampering(genuine, kSeed);
  std::optional<RawClient> client;
  for (std::size_t i = 0; i < kTargets; ++i) {
    const std::size_t kind = i % Tampering::kKinds.size();
    const std::string target = tampering.Make(kind);
    if (!client) client.emplace(portal.port());
    const RawResponse answer = client->Get(target);
    constexpr std::array kRefusals = {400, 403, 404, 414};
    ASSERT_TRUE(std::ranges::find(kRefusals, answer.status) != kRefusals.end())
        << Tampering::kKinds[kind] << ": " << answer.status << " for " << target;
    ASSERT_EQ(answer.Field("Content-Type"), "application/problem+json") << target;
    ASSERT_EQ(answer.body.find("%PDF"), std::string::npos) << target;
    if (answer.Field("Connection") == "close") client.reset();
  }
  for (const std::string& target : genuine) EXPECT_EQ(RawClient(portal.port()).Get(target).status, 200) << target;
}

}  // namespace
}  // namespace portal
