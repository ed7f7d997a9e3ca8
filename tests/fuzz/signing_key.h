#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/clock.h"
#include "base/logger.h"
#include "crypto/sodium.h"
#include "service/signing_keys.h"

namespace portal::fuzz {

/// One key that is always the same, so that what was signed once stays good in a corpus. Makes `folder`/keys.
inline std::unique_ptr<service::SigningKeys> OpenFixedKey(const std::filesystem::path& folder, const base::Clock& clock,
                                                          base::Logger& logger) {
  crypto::Initialize();
  const auto keys = folder / "keys";
  std::filesystem::create_directory(keys);
  std::ofstream(keys / "signing.json") << R"({"version":1,"keys":[{"id":"key_fuzz","secret":")" << std::string(64, '7')
                                       << R"(","created_at":"2025-09-01T10:15:00.000Z"}]})";
  using std::filesystem::perms;
  std::filesystem::permissions(keys / "signing.json", perms::owner_read | perms::owner_write);
  auto opened = service::SigningKeys::Open(keys, clock, logger);
  if (!opened) throw std::runtime_error(opened.error().detail + ": " + opened.error().internal);
  return *std::move(opened);
}

}  // namespace portal::fuzz
