#pragma once

#include "base/result.h"
#include "control/answer.h"
#include "control/context.h"
#include "control/request.h"

// One function a line of routes.cpp: decode, call, encode. Each lives in the file of its resource.
namespace portal::control {

using base::Result;

// probes.cpp, openapi.cpp
Result<Answer> GetLiveness(const Context& context, Request& request);
Result<Answer> GetReadiness(const Context& context, Request& request);
Result<Answer> GetOpenApi(const Context& context, Request& request);

// tenants.cpp
Result<Answer> ListTenants(const Context& context, Request& request);
Result<Answer> CreateTenant(const Context& context, Request& request);
Result<Answer> GetTenant(const Context& context, Request& request);
Result<Answer> ChangeTenant(const Context& context, Request& request);
Result<Answer> DeleteTenant(const Context& context, Request& request);

}  // namespace portal::control
