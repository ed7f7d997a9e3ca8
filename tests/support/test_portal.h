#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "app/app.h"
#include "app/data_folder.h"
#include "base/clock.h"
#include "base/logger.h"
#include "config/config.h"
#include "crypto/sodium.h"
#include "net/listener.h"
#include "service/demo/demo_data.h"
#include "store/reader.h"
#include "support/temp_folder.h"

namespace portal::testing {

/// A whole portal with the demo data in a temporary folder, serving on ports of its own.
class TestPortal {
 public:
  TestPortal() : TestPortal(nullptr, 2) {}
  /// By another clock than the machine's, with a log that somebody reads; both are borrowed.
  TestPortal(const base::Clock* clock, int log_fd)
      : clock_(clock ? *clock : system_clock_), logger_(clock_, log_fd, base::LogLevel::kWarning) {
    crypto::Initialize();
    config_.net.loops = 2;
    config_.log.access = false;
    config_.rate_limits.by_default = kAmple;
    config_.rate_limits.files = kAmple;
    config_.rate_limits.downloads = kAmple;
    config_.rate_limits.auth_failures = kAmple;
    config_.control.listen = "127.0.0.1:0";
    folder_ = std::make_unique<app::DataFolder>(
        OrThrow(app::DataFolder::Open(temporary_.path() / "data", app::DataFolder::Create::kYes)));
    app::Parts parts = OrThrow(app::OpenParts(config_, *folder_, app::Keeping::kThrowAway, clock_, logger_));
    if (auto seeded = service::SeedDemoData(*parts.database, parts.blobs); !seeded) {
      throw std::runtime_error(seeded.error().detail);
    }
    database_ = parts.database.get();
    acme_ = OrThrow(database_->reader(base::WorkerId{0}).tenants.FindBySlug("acme")).id;
    app::Listeners listeners;
    listeners.data_plane.push_back(OrThrow(net::Listener::Bind("127.0.0.1:0")));
    listeners.control_plane = OrThrow(net::Listener::Bind(config_.control.listen));
    port_ = listeners.data_plane.front().port();
    control_port_ = listeners.control_plane->port();
    app_ = std::make_unique<app::App>(config_, std::move(parts), std::move(listeners), clock_, logger_);
  }

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t control_port() const { return control_port_; }
  store::Database& database() { return *database_; }
  /// The tenant of `prod_token`.
  const base::TenantId& acme() const { return acme_; }

  template <typename T>
  static T OrThrow(base::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail + ": " + result.error().internal);
    return *std::move(result);
  }

 private:
  TempFolder temporary_;
  const base::SystemClock system_clock_;
  const base::Clock& clock_;
  base::Logger logger_;
  static constexpr std::uint32_t kAmple = 1'000'000;  // requests that are counted, and never refused

  config::Config config_;
  std::unique_ptr<app::DataFolder> folder_;
  store::Database* database_ = nullptr;
  base::TenantId acme_;
  std::uint16_t port_ = 0;
  std::uint16_t control_port_ = 0;
  std::unique_ptr<app::App> app_;
};

}  // namespace portal::testing
