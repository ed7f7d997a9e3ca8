#pragma once

#include "cli/command_line.h"
#include "cli/console.h"
#include "config/load.h"

namespace portal::cli {

// One function a sub-command, each in a file of its name. They return the process's exit code.

/// `sources` are read anew when the portal is told so.
int Serve(const ServeCommand& command, const config::Sources& sources, const config::Loaded& loaded);
int CheckConfig(const CheckConfigCommand& command, const config::Loaded& loaded, Console& console);
int Version(const VersionCommand& command, Console& console);
int Tenant(const TenantCommand& command, const config::Config& config, Console& console);
int Client(const ClientCommand& command, const config::Config& config, Console& console);
int Token(const TokenCommand& command, const config::Config& config, Console& console);
int Import(const ImportCommand& command, const config::Config& config, Console& console);
int FilePut(const FilePutCommand& command, const config::Config& config, Console& console);

}  // namespace portal::cli
