#include <cstdlib>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/number_text.h"
#include "cli/text_table.h"
#include "control/portal_client.h"
#include "service/rapidjson_document.h"

namespace portal::cli {
namespace {

using rapidjson::Value;

constexpr const char* kNothing = "-";

/// One that is named. A portal on this machine is believed by the certificate of this configuration, as where the
/// configuration says where it is.
control::Destination Named(const std::string& url, const config::Config& config) {
  return {url, control::IsOnThisMachine(url) ? config.tls.cert : std::filesystem::path()};
}

/// Where a portal with this configuration listens, as seen from its own machine.
base::Result<control::Destination> DestinationOf(const config::Config& config) {
  const auto endpoint = base::ParseEndpoint(config.control.listen);
  const bool is_unix = endpoint && endpoint->kind == base::Endpoint::Kind::kUnix;
  if (is_unix) return control::Destination{"unix:" + endpoint->name, {}};
  if (!endpoint || endpoint->port == 0) {
    return base::Fail(base::ErrorCode::kValidation,
                      "control.listen does not say where the control plane is: name it with --url");
  }
  std::string host = endpoint->is_v6 ? "[" + endpoint->name + "]" : endpoint->name;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  const bool secure = base::IsSecure(endpoint->scheme, is_unix, !config.tls.cert.empty());
  return control::Destination{(secure ? "https://" : "http://") + host + ":" + std::to_string(endpoint->port),
                              secure ? config.tls.cert : std::filesystem::path()};
}

/// Empty where nobody says.
std::string TokenOf(const SloCommand& command) {
  if (command.token) return *command.token;
  const char* const variable = std::getenv("PORTAL_TOKEN");
  return variable != nullptr ? variable : "";
}

const Value* Find(const Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto at = object.FindMember(name);
  return at == object.MemberEnd() || at->value.IsNull() ? nullptr : &at->value;
}

std::string Text(const Value& object, const char* name) {
  const Value* value = Find(object, name);
  return value != nullptr && value->IsString() ? value->GetString() : kNothing;
}

std::string Count(const Value& object, const char* name) {
  const Value* value = Find(object, name);
  return value != nullptr && value->IsUint64() ? Grouped(value->GetUint64()) : kNothing;
}

/// `99.95 %`: as many decimals as it has, four at the most.
std::string Percent(const Value& object, const char* name) {
  const Value* value = Find(object, name);
  if (value == nullptr || !value->IsNumber()) return kNothing;
  std::string text = std::to_string(value->GetDouble() * 100);
  text.resize(text.find('.') + 5);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

std::string Rate(const Value& object, const char* name) {
  const Value* value = Find(object, name);
  return value != nullptr && value->IsNumber() ? Decimal(value->GetDouble()) : kNothing;
}

/// `12.3 of 300 ms`.
std::string Latency(const Value& window, const char* name, const Value& endpoint, const char* target) {
  const Value* limit = Find(endpoint, target);
  const std::string of = limit != nullptr && limit->IsUint() ? " of " + std::to_string(limit->GetUint()) : "";
  return Rate(window, name) + of + " ms";
}

std::string Met(const Value& window) {
  const Value* met = Find(window, "met");
  return met == nullptr || !met->IsBool() ? kNothing : met->GetBool() ? "yes" : "NO";
}

/// Nullopt: this is not what a portal answers.
std::optional<std::string> TableOf(const std::string& json) {
  rapidjson::Document report;
  report.Parse(json.data(), json.size());
  const Value* endpoints = report.HasParseError() ? nullptr : Find(report, "endpoints");
  if (endpoints == nullptr || !endpoints->IsArray()) return std::nullopt;
  std::vector<std::vector<std::string>> rows = {
      {"ENDPOINT", "WINDOW", "REQUESTS", "ERRORS", "AVAILABLE", "BUDGET LEFT", "BURN RATE", "P95", "P99", "MET"}};
  for (const Value& endpoint : endpoints->GetArray()) {
    const Value* windows = Find(endpoint, "windows");
    if (windows == nullptr || !windows->IsArray()) return std::nullopt;
    for (const Value& window : windows->GetArray()) {
      rows.push_back({&window != windows->Begin() ? "" : Text(endpoint, "endpoint"), Text(window, "window"),
                      Count(window, "requests"), Count(window, "errors"), Percent(window, "availability"),
                      Percent(window, "error_budget_remaining"), Rate(window, "burn_rate"),
                      Latency(window, "p95_ms", endpoint, "p95_target_ms"),
                      Latency(window, "p99_ms", endpoint, "p99_target_ms"), Met(window)});
    }
  }
  return "Available: " + Percent(report, "availability_target") + " of requests without a 5xx. Counted since " +
         Text(report, "since") + ".\n\n" + TextTable(rows);
}

}  // namespace

int Slo(const SloCommand& command, const config::Config& config, Console& console) {
  const std::string token = TokenOf(command);
  if (token.empty()) {
    console.Error("say who asks: PORTAL_TOKEN or --token, an operator's token of scope metrics or admin");
    return kExitUsage;
  }
  const auto destination = command.url ? Named(*command.url, config) : DestinationOf(config);
  if (!destination) return console.Fail(destination.error());
  const auto report = control::Fetch(*destination, "/api/slo", token);
  if (!report) return console.Fail(report.error());
  const auto table = TableOf(*report);
  if (!table) {
    console.Error(destination->url + " does not answer as a portal's control plane does");
    return kExitRejected;
  }
  console.Data(command.json ? *report + "\n" : *table);
  return kExitOk;
}

}  // namespace portal::cli
