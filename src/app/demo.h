#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/app.h"
#include "app/data_folder.h"
#include "base/result.h"
#include "net/listener.h"

namespace portal::app {

/// Why a portal is for this machine alone.
inline constexpr std::string_view kDemoOnLoopback = "the demo data has well-known tokens";
inline constexpr std::string_view kTestModeOnLoopback = "test mode answers as it is told";

/// Refuses to serve to anybody but this machine. kValidation names the address and says `why`.
base::Status CheckLoopback(std::span<const net::Listener> listeners, std::string_view why);

/// Was this folder filled with demo data? Then its tokens are known to everybody, however it is served.
bool HoldsDemoData(const DataFolder& folder);

/// Whether a data folder may be used for the demo: it is empty, or was seeded before and is left as it is.
enum class DemoFolder { kEmpty, kSeeded };
/// kConflict when the folder holds other data, or a seeding that was interrupted.
base::Result<DemoFolder> ExamineDemoFolder(const DataFolder& folder);

/// Fills an empty store and marks its folder as seeded.
base::Status Seed(const DataFolder& folder, Parts& parts);

/// An address and five ready-to-paste curl lines.
std::string DemoWelcome(const Listeners& listeners, bool throw_away, bool test_mode);

}  // namespace portal::app
