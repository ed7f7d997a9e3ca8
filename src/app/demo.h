#pragma once

#include <string>
#include <string_view>

#include "app/app.h"
#include "app/data_folder.h"
#include "base/result.h"
#include "config/config.h"

namespace portal::app {

/// The demo's tokens are known to everybody: refuses to serve them anywhere but on loopback.
/// kValidation names the address.
base::Status CheckDemoListens(const config::Config& config);

/// Was this folder filled with demo data? Then its tokens are known to everybody, however it is served.
bool HoldsDemoData(const DataFolder& folder);

/// Whether a data folder may be used for the demo: it is empty, or was seeded before and is left as it is.
enum class DemoFolder { kEmpty, kSeeded };
/// kConflict when the folder holds other data, or a seeding that was interrupted.
base::Result<DemoFolder> ExamineDemoFolder(const DataFolder& folder);

/// Fills an empty store and marks its folder as seeded.
base::Status Seed(const DataFolder& folder, Parts& parts);

/// The address and five ready-to-paste curl lines.
std::string DemoWelcome(std::string_view address, bool throw_away);

}  // namespace portal::app
