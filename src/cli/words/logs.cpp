#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/logger.h"
#include "cli/words/families.h"

namespace portal::cli {
namespace {

struct Given {
  LogsCommand command;
  std::optional<std::string> status;
  std::optional<std::string> level;
};

tl::expected<Command, std::string> Make(const Given& given) {
  LogsCommand command = given.command;
  if (given.level) command.filter.level = base::ParseLogLevel(*given.level);
  if (given.status) {
    command.filter.status = StatusPattern::Parse(*given.status);
    if (!command.filter.status) {
      return tl::unexpected("--status: \"" + *given.status +
                            "\" is no status; give one, as in 404, or a class, as in 5xx");
    }
  }
  return command;
}

}  // namespace

void AddLogsWords(Words& app) {
  const auto given = std::make_shared<Given>();
  Words logs = app.Add("logs", "Show JSON log lines as people read them", [given] { return Make(*given); });
  LogFilter& filter = given->command.filter;
  logs.Option("FILE", given->command.file,
              "The log; by default standard input: journalctl -fu portal-appliance -o cat |");
  logs.Option("--trace-id", filter.trace_id, "Only lines with this X-Trace-Id");
  logs.Option("--client", filter.client, "Only this client's requests");
  logs.Option("--route", filter.route, "Only requests of this route, as in /v1/jobs/{jobId}");
  logs.Option("--status", given->status, "Only answers of this status, as in 404, or class, as in 5xx");
  logs.Option("--level", given->level, "Only lines of this level or a graver one")
      .OneOf({"debug", "info", "warning", "error"});
}

}  // namespace portal::cli
