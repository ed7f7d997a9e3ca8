#include "api/objectives.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "metrics/histogram.h"

namespace portal::api {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST(Objectives, AreTheAgreedOnesForEachKindOfRoute) {
  const std::map<std::string, std::pair<milliseconds, milliseconds>> wanted = {
      {"/v*/health", {50ms, 100ms}},
      {"/v*/contacts", {300ms, 600ms}},
      {"/v*/contacts/{contactId}", {300ms, 600ms}},
      {"/v*/jobs", {400ms, 800ms}},
      {"/v*/jobs/{jobId}", {400ms, 800ms}},
      {"/v*/jobs/{jobId}/files", {500ms, 1000ms}},
      {"/v*/jobs/{jobId}/files/{fileId}", {500ms, 1000ms}},
  };
  std::map<std::string, std::pair<milliseconds, milliseconds>> found;
  std::vector<std::string> without_latency;
  for (const metrics::Objective& objective : Objectives()) {
    if (objective.latency) {
      found[objective.endpoint] = {objective.latency->p95, objective.latency->p99};
    } else {
      without_latency.push_back(objective.endpoint);
    }
  }
  EXPECT_EQ(found, wanted);
  EXPECT_EQ(without_latency, (std::vector<std::string>{"/files/{bucket}/jobs/{jobId}/files/{name}"}));
}

TEST(Objectives, EveryLatencyTargetIsABoundOfTheHistogram) {
  for (const metrics::Objective& objective : Objectives()) {
    if (!objective.latency) continue;
    for (const milliseconds target : {objective.latency->p95, objective.latency->p99}) {
      EXPECT_NE(std::ranges::find(metrics::kDurationBounds, target), metrics::kDurationBounds.end())
          << objective.endpoint << " " << target.count();
    }
  }
}

}  // namespace
}  // namespace portal::api
