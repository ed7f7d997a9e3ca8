#pragma once

#include "base/result.h"
#include "control/answer.h"
#include "control/context.h"
#include "control/request.h"

// One function a line of routes.cpp: decode, call, encode. Each lives in the file of its resource.
namespace portal::control {

using base::Result;

// admin_page.cpp
Result<Answer> GetAdminPage(const Context& context, Request& request);
Result<Answer> GetAdminFile(const Context& context, Request& request);

// sign_in.cpp
Result<Answer> SignIn(const Context& context, Request& request);
Result<Answer> GetSession(const Context& context, Request& request);
Result<Answer> SignOut(const Context& context, Request& request);
Result<Answer> ListSessions(const Context& context, Request& request);
Result<Answer> EndSession(const Context& context, Request& request);
Result<Answer> EndAllSessions(const Context& context, Request& request);

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

// contacts.cpp, jobs.cpp, files.cpp
Result<Answer> GetContact(const Context& context, Request& request);
Result<Answer> PutContact(const Context& context, Request& request);
Result<Answer> PatchContact(const Context& context, Request& request);
Result<Answer> DeleteContact(const Context& context, Request& request);
Result<Answer> GetJob(const Context& context, Request& request);
Result<Answer> PutJob(const Context& context, Request& request);
Result<Answer> PatchJob(const Context& context, Request& request);
Result<Answer> DeleteJob(const Context& context, Request& request);
Result<Answer> GetFile(const Context& context, Request& request);
Result<Answer> PutFile(const Context& context, Request& request);
Result<Answer> PatchFile(const Context& context, Request& request);
Result<Answer> DeleteFile(const Context& context, Request& request);

// bulk.cpp
Result<Answer> FeedContacts(const Context& context, Request& request);
Result<Answer> FeedJobs(const Context& context, Request& request);
Result<Answer> FeedFiles(const Context& context, Request& request);

// clients.cpp
Result<Answer> ListClients(const Context& context, Request& request);
Result<Answer> CreateClient(const Context& context, Request& request);
Result<Answer> ChangeClient(const Context& context, Request& request);
Result<Answer> DeleteClient(const Context& context, Request& request);

// tokens.cpp
Result<Answer> ListTokens(const Context& context, Request& request);
Result<Answer> CreateToken(const Context& context, Request& request);
Result<Answer> RevokeToken(const Context& context, Request& request);
Result<Answer> ListOperatorTokens(const Context& context, Request& request);
Result<Answer> CreateOperatorToken(const Context& context, Request& request);
Result<Answer> RevokeOperatorToken(const Context& context, Request& request);

// blobs.cpp
Result<Answer> PutBlob(const Context& context, Request& request);
Result<Answer> FindBlob(const Context& context, Request& request);
Result<Answer> PutFileContent(const Context& context, Request& request);

// limits.cpp
Result<Answer> GetMetrics(const Context& context, Request& request);
Result<Answer> GetLimits(const Context& context, Request& request);
Result<Answer> ResetLimits(const Context& context, Request& request);

// log.cpp, recent_errors.cpp
Result<Answer> GetLog(const Context& context, Request& request);
Result<Answer> ChangeLog(const Context& context, Request& request);
Result<Answer> ListErrors(const Context& context, Request& request);

// purge.cpp
Result<Answer> GetPurge(const Context& context, Request& request);
Result<Answer> RunPurge(const Context& context, Request& request);

// backups.cpp
Result<Answer> MakeBackup(const Context& context, Request& request);

// breakers.cpp
Result<Answer> ListBreakers(const Context& context, Request& request);
Result<Answer> ForceBreaker(const Context& context, Request& request);

// samples.cpp, slo.cpp
Result<Answer> ListSamples(const Context& context, Request& request);
Result<Answer> GetServiceLevels(const Context& context, Request& request);

// status.cpp
Result<Answer> GetStatus(const Context& context, Request& request);

}  // namespace portal::control
