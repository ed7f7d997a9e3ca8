#pragma once

#include <string>

#include "service/archive/tenant_archive.h"

namespace portal::cli {

/// `1,247 contacts, 342 jobs, 12 files (3.4 MiB)`.
std::string ToText(const service::TenantArchiveCounts& counts);
/// One line for programs.
std::string ToJson(const std::string& tenant, const service::TenantArchiveCounts& counts);

}  // namespace portal::cli
