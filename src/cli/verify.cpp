#include "service/backup/verify.h"

#include "app/data_folder.h"
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/number_text.h"
#include "cli/progress_bar.h"

namespace portal::cli {
namespace {

std::string Json(const service::VerifyReport& report) {
  JsonArray findings;
  for (const store::Finding& finding : report.findings) {
    JsonObject json;
    findings.Add(json.Text("what", finding.what).Boolean("fixed", finding.fixed).Done());
  }
  JsonObject json;
  json.Boolean("ok", report.ok()).Json("findings", findings.Done());
  json.Number("tenants", report.tenants).Number("blobs", report.blobs).Number("blob_bytes", report.blob_bytes);
  return json.Number("orphans", report.orphans).Line();
}

}  // namespace

int Verify(const VerifyCommand& command, const config::Config& config, Console& console) {
  const auto folder = app::DataFolder::Open(config.data_dir, app::DataFolder::Create::kNo);
  if (!folder) return console.Fail(folder.error());
  ProgressBar bar(console, command.quiet);
  service::VerifyOptions options;
  options.data_folder = folder->path();
  options.deep = command.deep;
  options.fix = command.fix;
  options.progress = [&](const std::string& what, std::int64_t done, std::int64_t total) {
    const auto part = total > 0 ? std::optional(static_cast<double>(done) / static_cast<double>(total)) : std::nullopt;
    bar.Show(part, "looking at " + what);
  };
  const base::SystemClock clock;
  const auto report = service::Verify(options, clock);
  if (!report) return console.Fail(report.error());
  if (command.json) console.Data(Json(*report));
  for (const store::Finding& finding : report->findings) {
    if (finding.fixed) {
      console.Message("fixed: " + finding.what);
    } else {
      console.Error(finding.what);
    }
  }
  console.Message(Counted(static_cast<std::uint64_t>(report->tenants), "tenant") + ", " +
                  Counted(static_cast<std::uint64_t>(report->blobs), "blob") + " of " +
                  ByteSize(static_cast<std::uint64_t>(report->blob_bytes)) +
                  (command.deep ? ", each hashed: " : ", not hashed (--deep does): ") +
                  (report->ok() ? "all well" : "something is wrong"));
  if (!report->ok() && !command.fix)
    console.Message("--fix repairs counters and search, and removes what nobody names");
  return report->ok() ? kExitOk : kExitRejected;
}

}  // namespace portal::cli
