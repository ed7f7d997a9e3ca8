#include "metrics/registry.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace portal::metrics {
namespace {

TEST(Registry, AsksItsCollectorsInTheirOrder) {
  const auto named = [](std::string_view name) {
    return [name](Families& families) { families.push_back(Single(name, "", Type::kGauge, 1)); };
  };
  const Registry registry({named("b"), named("a")});
  const Families families = registry.Collect();
  ASSERT_EQ(families.size(), 2u);
  EXPECT_EQ(families[0].name, "b");
  EXPECT_EQ(families[1].name, "a");
}

TEST(Registry, LetsNoScrapeWaitForAnother) {
  std::mutex mu;
  std::condition_variable changed;
  int inside = 0;
  bool met = false;
  const Registry registry({[&](Families&) {
    std::unique_lock lock(mu);
    met |= ++inside == 2;
    changed.notify_all();
    changed.wait_for(lock, std::chrono::seconds{20}, [&] { return met; });
    --inside;
  }});
  std::thread other([&] { static_cast<void>(registry.Collect()); });
  static_cast<void>(registry.Collect());
  other.join();
  EXPECT_TRUE(met);
}

}  // namespace
}  // namespace portal::metrics
