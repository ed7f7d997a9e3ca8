#pragma once

#include "base/result.h"
#include "control/routes.h"
#include "http/request.h"

namespace portal::control {

/// Whether a token with these scopes may call such a route at all, whosever it is. kForbidden names the scope that is
/// missing.
base::Status CheckScope(const http::Identity& identity, Needs needs);

/// The tenant of a path, where the caller may know of it. kNotFound when there is none of that name, and for every
/// client's token of another tenant, whatever its scopes; kForbidden as CheckScope.
base::Result<model::Tenant> AuthoriseTenant(const http::Identity& identity, Needs needs, std::string_view slug,
                                            store::Reader& reader);

}  // namespace portal::control
