#pragma once

#include <span>
#include <string>

#include "app/app.h"
#include "app/data_folder.h"
#include "base/result.h"
#include "net/listener.h"

namespace portal::app {

/// The demo's tokens are known to everybody: refuses to serve them to anybody but this machine.
/// kValidation names the address.
base::Status CheckDemoListens(std::span<const net::Listener> listeners);

/// Was this folder filled with demo data? Then its tokens are known to everybody, however it is served.
bool HoldsDemoData(const DataFolder& folder);

/// Whether a data folder may be used for the demo: it is empty, or was seeded before and is left as it is.
enum class DemoFolder { kEmpty, kSeeded };
/// kConflict when the folder holds other data, or a seeding that was interrupted.
base::Result<DemoFolder> ExamineDemoFolder(const DataFolder& folder);

/// Fills an empty store and marks its folder as seeded.
base::Status Seed(const DataFolder& folder, Parts& parts);

/// An address and five ready-to-paste curl lines.
std::string DemoWelcome(const Listeners& listeners, bool throw_away);

}  // namespace portal::app
