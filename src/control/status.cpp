#include <chrono>
#include <string>

#include "base/json_object.h"
#include "base/version.h"
#include "control/handlers.h"
#include "crypto/key_file.h"
#include "service/backup/backup_status.h"
#include "service/purge.h"
#include "store/reader.h"

namespace portal::control {

namespace {

std::int64_t SecondsSince(base::WallTime then, base::WallTime now) {
  return std::chrono::floor<std::chrono::seconds>(now - then).count();
}

std::string Reasons(const service::Readiness& readiness) {
  base::JsonArray reasons;
  for (const std::string_view reason : readiness.Reasons()) reasons.AddText(reason);
  return reasons.Done();
}

std::string DataPlane(const net::Counts& counts) {
  base::JsonObject connections;
  for (std::size_t i = 0; i < net::kOpenConnectionStates; ++i) {
    connections.Number(net::kConnectionStateNames[i], static_cast<std::int64_t>(counts.connections[i]));
  }
  base::JsonObject json;
  json.Number("open", static_cast<std::int64_t>(counts.open())).Json("connections", connections.Done());
  json.Number("addresses", static_cast<std::int64_t>(counts.addresses));
  json.Number("accepted", static_cast<std::int64_t>(counts.accepted));
  return json.Done();
}

std::string Tenants(const store::TenantTotals& totals) {
  base::JsonObject json;
  json.Number("count", totals.tenants).Number("suspended", totals.suspended).Number("contacts", totals.contacts);
  return json.Number("jobs", totals.jobs).Number("blob_bytes", totals.blob_bytes).Done();
}

/// What cannot be read has no answer here: the log has heard why from those who need it.
std::string LastBackup(const Context& context, base::WallTime now) {
  const auto read = service::ReadLastBackup(context.data_folder);
  if (!read || !*read) return "null";
  const service::LastBackup& last = **read;
  base::JsonObject json;
  json.Time("at", last.at).Text("result", last.ok ? "ok" : "failed").Number("age_seconds", SecondsSince(last.at, now));
  return json.Number("bytes", last.bytes).Text("reason", last.reason).Time("last_good_at", last.last_good).Done();
}

std::string LastPurge(const Context& context, base::WorkerId worker) {
  const auto report = service::Purge::LastReport(context.database.reader(worker));
  return report && *report ? **report : "null";
}

/// Their ages, for whoever plans the next rotation; never the keys.
std::string Keys(const Context& context, base::WallTime now) {
  const auto keys = crypto::ReadKeyFile(context.data_folder / "keys");
  if (!keys) return "null";
  base::JsonArray rows;
  for (const crypto::KeyRecord& key : *keys) {
    base::JsonObject row;
    row.Text("id", key.id).Number("age_seconds", SecondsSince(key.created_at, now));
    rows.Add(row.Time("verifies_until", key.verify_until).Done());
  }
  return rows.Done();
}

std::string Certificate(const Context& context) {
  const auto end = context.certificate_end ? context.certificate_end() : std::nullopt;
  return end ? base::JsonObject().Time("ends_at", end).Done() : "null";
}

}  // namespace

Result<Answer> GetStatus(const Context& context, Request& request) {
  const auto tenants = context.database.reader(request.worker()).tenants.Totals();
  base::JsonObject json;
  json.Text("version", base::kBuild.version).Text("commit", base::kBuild.commit);
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(context.clock.Monotonic() - context.up_since);
  json.Time("started_at", context.started).Number("uptime_seconds", up.count());
  json.Boolean("ready", context.readiness.ready()).Json("reasons", Reasons(context.readiness));
  json.Json("store", base::JsonObject().Boolean("readable", tenants.has_value()).Done());
  json.Json("data_plane", DataPlane(context.data_plane()));
  json.Json("tenants", tenants ? Tenants(*tenants) : "null");
  json.Json("last_backup", LastBackup(context, request.now())).Json("last_purge", LastPurge(context, request.worker()));
  json.Json("keys", Keys(context, request.now())).Json("certificate", Certificate(context));
  Answer answer;
  answer.body = json.Done();
  return answer;
}

}  // namespace portal::control
