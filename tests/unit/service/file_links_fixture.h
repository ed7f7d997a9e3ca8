#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "base/hex.h"
#include "base/logger.h"
#include "base/time_text.h"
#include "crypto/key_file.h"
#include "service/file_links.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {

/// Links of one tenant, signed by a ring of two fixed keys at a fixed time.
class FileLinksFixture : public ::testing::Test {
 protected:
  using Disposition = http::FileGrant::Disposition;
  using HmacKey = crypto::HmacKey;

  static constexpr std::string_view kBucket = "portal-files-prod";
  static constexpr std::string_view kJob = "job_prod_test";
  static constexpr std::string_view kClient = "client_prod";
  const base::TenantId kTenant{7};
  const base::WallTime kNow = *base::ParseRfc3339("2025-09-02T09:50:00Z");
  const std::chrono::sys_seconds kExpiry = std::chrono::floor<std::chrono::seconds>(kNow) + kLifetime;
  const base::WallTime kRetiredUntil = *base::ParseRfc3339("2025-09-02T10:00:00Z");
  const crypto::Secret kSigningSecret = Fill(0xAA);
  const crypto::Secret kRetiredSecret = Fill(0xBB);

  const FileLinks& links() const { return links_; }

  void AppendSigned(std::string_view name, Disposition disposition, std::string& out) const {
    links_.For(kTenant, kBucket, kJob, kExpiry, kClient, disposition).Append(name, out);
  }
  std::string Sign(std::string_view name, Disposition disposition = Disposition::kUnspecified) const {
    std::string target;
    AppendSigned(name, disposition, target);
    return target;
  }
  /// As a ring with this one key would have signed it.
  std::string SignWith(const crypto::Secret& secret, std::string_view name) const {
    const testing::TempFolder folder;
    const auto keys = OpenKeys(folder, KeyText(secret, ""));
    std::string target;
    FileLinks(*keys, kLifetime)
        .For(kTenant, kBucket, kJob, kExpiry, kClient, Disposition::kUnspecified)
        .Append(name, target);
    return target;
  }
  /// nullopt: the target was accepted.
  std::optional<base::ErrorCode> Outcome(std::string_view target) const { return Outcome(target, kTenant, kNow); }
  std::optional<base::ErrorCode> Outcome(std::string_view target, base::TenantId tenant) const {
    return Outcome(target, tenant, kNow);
  }
  std::optional<base::ErrorCode> Outcome(std::string_view target, base::TenantId tenant, base::WallTime now) const {
    const auto link = FileLinks::Parse(target);
    if (!link) return link.error().code;
    const auto status = links_.Check(tenant, *link, now);
    if (!status) return status.error().code;
    return std::nullopt;
  }

 private:
  static constexpr std::chrono::minutes kLifetime{15};

  static crypto::Secret Fill(unsigned char byte) {
    crypto::Secret secret;
    secret.fill(byte);
    return secret;
  }
  static std::string KeyText(const crypto::Secret& secret, const std::string& verify_until) {
    return R"({"id":"key","secret":")" + base::ToHex(secret) + R"(","created_at":"2025-01-01T00:00:00Z")" +
           (verify_until.empty() ? "}" : R"(,"verify_until":")" + verify_until + R"("})");
  }
  std::unique_ptr<SigningKeys> OpenKeys(const testing::TempFolder& folder, const std::string& keys) const {
    namespace fs = std::filesystem;
    const fs::path file = folder.path() / crypto::kKeyFileName;
    std::ofstream(file) << R"({"version":1,"keys":[)" << keys << "]}";
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    auto opened = SigningKeys::Open(folder.path(), clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().internal);
    return std::move(*opened);
  }

  const testing::ManualClock clock_;
  mutable base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  const testing::TempFolder folder_;
  const std::unique_ptr<SigningKeys> keys_ = OpenKeys(
      folder_, KeyText(kSigningSecret, "") + "," + KeyText(kRetiredSecret, base::FormatRfc3339(kRetiredUntil)));
  const FileLinks links_{*keys_, kLifetime};
};

}  // namespace portal::service
