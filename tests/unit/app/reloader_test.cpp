#include "app/reloader.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "support/temp_folder.h"

namespace portal::app {
namespace {

using config::Config;

/// A reloader beside a portal that takes everything, or says no.
class ReloaderTest : public ::testing::Test {
 protected:
  static Config AtStart() {
    config::Sources nothing;
    nothing.default_file = "/nowhere.toml";
    return config::Load(nothing)->config;
  }

  void Reload() { reloader_.Reload(); }

  /// What was logged; ends the logger.
  std::string TakeLog() {
    logger_.reset();
    std::ostringstream text;
    text << std::ifstream(folder_.path() / "log").rdbuf();
    return text.str();
  }

  static void ExpectSays(const std::string& log, std::initializer_list<std::string> parts) {
    for (const std::string& part : parts) EXPECT_NE(log.find(part), std::string::npos) << log << "\nlacks " << part;
  }

  Config wanted_ = AtStart();
  config::Problems problems_;
  std::optional<base::Error> refusal_;
  std::vector<Config> applied_;

 private:
  portal::testing::TempFolder folder_;
  base::SystemClock clock_;
  base::UniqueFd log_{::open((folder_.path() / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  std::optional<base::Logger> logger_{std::in_place, clock_, log_.get(), base::LogLevel::kInfo};
  Reloader reloader_{AtStart(),
                     [this]() -> tl::expected<Config, config::Problems> {
                       if (!problems_.empty()) return tl::unexpected<config::Problems>(problems_);
                       return wanted_;
                     },
                     [this](const Config& next) -> base::Status {
                       if (refusal_) return base::Fail(*refusal_);
                       applied_.push_back(next);
                       return {};
                     },
                     *logger_};
};

TEST_F(ReloaderTest, AppliesWhatMayChangeAndNamesWhatNeedsARestart) {
  wanted_.log.level = base::LogLevel::kDebug;
  wanted_.net.idle_timeout = std::chrono::seconds{5};
  wanted_.net.loops = 7;
  wanted_.data_dir = "/elsewhere";
  Reload();
  ASSERT_EQ(applied_.size(), 1U);
  EXPECT_EQ(applied_[0].log.level, base::LogLevel::kDebug);
  EXPECT_EQ(applied_[0].net.idle_timeout, std::chrono::seconds{5});
  EXPECT_EQ(applied_[0].net.loops, AtStart().net.loops);
  EXPECT_EQ(applied_[0].data_dir, AtStart().data_dir);
  ExpectSays(TakeLog(), {R"("event":"reloaded","changed":"net.idle_timeout log.level")",
                         R"("event":"restart_needed","changed":"data_dir net.loops")"});
}

TEST_F(ReloaderTest, ComparesWithWhatIsRunningNotWithWhatWasWantedLast) {
  wanted_.log.access = false;
  wanted_.net.loops = 7;
  Reload();
  Reload();
  wanted_.net.loops = AtStart().net.loops;
  wanted_.log.access = true;
  Reload();
  ASSERT_EQ(applied_.size(), 3U);
  EXPECT_FALSE(applied_[1].log.access);
  EXPECT_TRUE(applied_[2].log.access);
  const std::string log = TakeLog();
  std::size_t restarts = 0, unchanged = 0;
  for (std::size_t at = 0; (at = log.find("restart_needed", at)) != std::string::npos; ++at) ++restarts;
  for (std::size_t at = 0; (at = log.find(R"("changed":"")", at)) != std::string::npos; ++at) ++unchanged;
  EXPECT_EQ(restarts, 2U) << log;
  EXPECT_EQ(unchanged, 1U) << log;
}

TEST_F(ReloaderTest, KeepsEverythingWhereTheConfigurationIsWrongAndLogsEachFault) {
  problems_ = {"portal.toml:1:1: first", "portal.toml:2:1: second"};
  Reload();
  EXPECT_TRUE(applied_.empty());
  ExpectSays(TakeLog(), {R"("level":"error","event":"reload_failed","detail":"portal.toml:1:1: first")",
                         R"("detail":"portal.toml:2:1: second")"});
}

TEST_F(ReloaderTest, KeepsEverythingWhereThePortalRefuses) {
  wanted_.log.access = false;
  refusal_ = base::Error{base::ErrorCode::kValidation, "tls.cert: not a certificate", "line 3", {}};
  Reload();
  refusal_->internal.clear();
  Reload();
  refusal_.reset();
  Reload();
  ASSERT_EQ(applied_.size(), 1U);
  ExpectSays(TakeLog(), {R"("event":"reload_failed","detail":"tls.cert: not a certificate","cause":"line 3"})",
                         R"("detail":"tls.cert: not a certificate"})", R"("event":"reloaded","changed":"log.access")"});
}

TEST_F(ReloaderTest, LooksAtACertificateAnewButTurnsTlsOnOnlyWithARestart) {
  wanted_.tls.cert = "c.pem";
  wanted_.tls.key = "k.pem";
  Reload();
  ASSERT_EQ(applied_.size(), 1U);
  EXPECT_TRUE(applied_[0].tls.cert.empty());
  ExpectSays(TakeLog(), {R"("event":"restart_needed","changed":"tls.cert tls.key")"});
}

}  // namespace
}  // namespace portal::app
