#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/duration.h"
#include "control/json_fields.h"
#include "control/test_handlers.h"
#include "control/test_mode.h"
#include "http/problem.h"
#include "service/shown_text.h"
#include "store/reader.h"

namespace portal::control {

namespace {

using std::chrono::milliseconds;
using DatabaseFault = store::InjectedFault;
using BlobFault = blob::BlobStore::InjectedFault;

constexpr std::size_t kMostRules = 100;
constexpr milliseconds kLongestLatency{60'000};

/// An answer that the portal itself gives: clients meet no other. 503 is the plain one, since breakers can be opened.
std::optional<base::ErrorCode> ErrorWithStatus(std::int64_t status) {
  for (std::size_t i = 0; i < base::kErrorCodes; ++i) {
    const auto code = static_cast<base::ErrorCode>(i);
    const bool plain = code != base::ErrorCode::kOverBudget && code != base::ErrorCode::kCircuitOpen;
    if (plain && http::ProblemFor(code).status == status) return code;
  }
  return std::nullopt;
}

std::optional<milliseconds> ReadDuration(JsonFields& fields, std::string_view name, milliseconds longest) {
  const auto text = fields.Text(name);
  const auto duration = text ? base::ParseDuration(*text) : std::nullopt;
  if (text && (!duration || *duration > longest)) {
    fields.Refuse(name, "Is " + service::Quoted(*text) + "; must be a duration of at most " +
                            base::FormatDuration(longest) + ", as in 250ms or 30s");
  }
  return duration;
}

std::optional<std::uint64_t> ReadCount(JsonFields& fields, std::string_view name, std::int64_t least) {
  const auto number = fields.IntegerOrNull(name);
  if (!number || !*number) return std::nullopt;
  if (**number >= least) return static_cast<std::uint64_t>(**number);
  fields.Refuse(name, "Is " + std::to_string(**number) + "; must be a whole number from " + std::to_string(least));
  return std::nullopt;
}

void ReadWhom(JsonFields& fields, const Context& context, const Request& request, FaultRule& rule) {
  const std::vector<std::string>& routes = context.test_mode->data_plane_routes;
  rule.route = fields.Text("route").value_or("");
  if (!rule.route.empty() && std::ranges::find(routes, rule.route) == routes.end()) {
    fields.Refuse("route", "Is " + service::Quoted(rule.route) +
                               "; must be one of the data plane's, as in /v1/jobs/{jobId}/files");
  }
  const auto slug = fields.Text("tenant");
  if (!slug) return;
  store::Reader& reader = context.database.reader(request.worker());
  const store::Reader::PastBreaker past(reader);
  const auto tenant = reader.tenants.FindBySlug(*slug);
  if (tenant) {
    rule.tenant = tenant->id;
  } else {
    fields.Refuse("tenant", service::Quoted(*slug) + ": " + tenant.error().detail);
  }
}

void ReadFault(JsonFields& fields, http::InjectedFault& fault) {
  if (const auto status = fields.IntegerOrNull("status"); status && *status) {
    fault.error = ErrorWithStatus(**status);
    if (!fault.error) {
      fields.Refuse("status", "Is " + std::to_string(**status) + "; must be that of an error of the portal, as in 503");
    }
  }
  fault.latency = ReadDuration(fields, "latency", kLongestLatency).value_or(milliseconds{0});
  fault.drop = fields.Boolean("drop").value_or(false);
  if (fault.drop && fault.error) fields.Refuse("drop", "There is no status where there is no answer: leave one out");
  const bool named = fields.Has("status") || fields.Has("latency") || fields.Has("drop");
  if (!named) fields.Refuse("status", "Say what happens: status, latency or drop");
}

void ReadWhen(JsonFields& fields, FaultRule& rule) {
  constexpr std::chrono::hours kLongest{24 * 366};
  rule.probability = fields.Number("probability").value_or(1);
  if (!(rule.probability >= 0 && rule.probability <= 1)) fields.Refuse("probability", "Must be from 0 to 1");
  rule.seed = ReadCount(fields, "seed", 0).value_or(0);
  rule.count = ReadCount(fields, "count", 1);
  rule.expires = ReadDuration(fields, "expires", kLongest);
}

template <typename Fault>
Fault ReadDependency(JsonFields& fields, std::string_view name,
                     std::initializer_list<std::pair<std::string_view, Fault>> known) {
  const auto text = fields.Text(name);
  if (!text) return Fault::kNone;
  std::string names;
  for (const auto& [each, fault] : known) {
    if (*text == each) return fault;
    names += (names.empty() ? "" : " or ") + std::string(each);
  }
  fields.Refuse(name, "Is " + service::Quoted(*text) + "; must be " + names);
  return Fault::kNone;
}

}  // namespace

Result<Answer> SetTestFaults(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return base::Fail(std::move(fields).error());
  std::vector<FaultRule> rules;
  auto objects = fields->Objects("faults").value_or(std::vector<JsonFields>());
  if (objects.size() > kMostRules) fields->Refuse("faults", "Are more than " + std::to_string(kMostRules));
  for (JsonFields& object : objects) {
    FaultRule& rule = rules.emplace_back();
    ReadWhom(object, context, request, rule);
    ReadFault(object, rule.fault);
    ReadWhen(object, rule);
    fields->Absorb("faults[" + std::to_string(rules.size() - 1) + "]", object);
  }
  DatabaseFault database = DatabaseFault::kNone;
  BlobFault blob = BlobFault::kNone;
  if (auto dependencies = fields->Object("dependencies")) {
    database = ReadDependency<DatabaseFault>(*dependencies, "database",
                                             {{"io_error", DatabaseFault::kIoError}, {"full", DatabaseFault::kFull}});
    blob = ReadDependency<BlobFault>(*dependencies, "blob",
                                     {{"missing", BlobFault::kMissing}, {"io_error", BlobFault::kIoError}});
    fields->Absorb("dependencies", *dependencies);
  }
  if (auto good = fields->Finish(); !good) return base::Fail(std::move(good).error());
  context.test_mode->faults.Set(std::move(rules));
  context.test_mode->database_fault = database;
  context.test_mode->blob_fault = blob;
  return NoContent();
}

}  // namespace portal::control
