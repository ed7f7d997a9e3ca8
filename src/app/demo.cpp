#include "app/demo.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <span>

#include "app/announcements.h"
#include "base/durable.h"
#include "base/substitute.h"
#include "base/unique_fd.h"
#include "base/version.h"
#include "service/backup/backup_layout.h"
#include "service/demo/demo_data.h"

namespace portal::app {
namespace {

// Written last, so that a folder without it was never completely seeded.
constexpr std::string_view kMarker = service::kDemoMarker;
constexpr std::string_view kUnixScheme = "unix:";

/// What to type to ask there; a certificate for a demo is hardly one that curl trusts.
std::string CurlFor(const net::Listener& listener) {
  std::string curl = listener.secure() ? "curl -k" : "curl";
  if (listener.is_unix()) curl += " --unix-socket '" + listener.address().substr(kUnixScheme.size()) + "'";
  return curl;
}

}  // namespace

base::Status CheckLoopback(std::span<const net::Listener> listeners, std::string_view why) {
  for (const net::Listener& listener : listeners) {
    if (listener.is_local()) continue;
    return base::Fail(base::ErrorCode::kValidation,
                      std::string(why) + " and is served on loopback alone, not on " + listener.address() +
                          "; use --listen 127.0.0.1:PORT, or leave out --seed and --test-mode");
  }
  return {};
}

bool HoldsDemoData(const DataFolder& folder) { return std::filesystem::exists(folder.path() / kMarker); }

base::Result<DemoFolder> ExamineDemoFolder(const DataFolder& folder) {
  if (folder.IsEmpty()) return DemoFolder::kEmpty;
  if (HoldsDemoData(folder)) return DemoFolder::kSeeded;
  return base::Fail(base::ErrorCode::kConflict,
                    "--seed refuses " + folder.path().string() +
                        ": it holds other data, or demo data that was not written to its end; give an empty folder");
}

base::Status Seed(const DataFolder& folder, Parts& parts) {
  if (auto seeded = service::SeedDemoData(*parts.database, parts.blobs); !seeded) return seeded;
  const std::string text = "portal-appliance --seed, version " + std::string(base::kBuild.version) + "\n";
  // On disk before anything is served: without it the demo's tokens would be taken for real ones.
  const base::UniqueFd marker(
      ::open((folder.path() / kMarker).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!marker || !base::WriteFully(marker.get(), std::as_bytes(std::span(text))) || ::fsync(marker.get()) != 0 ||
      !base::SyncFolder(folder.path())) {
    return base::Fail(base::ErrorCode::kUnavailable, "Cannot write to " + folder.path().string());
  }
  return {};
}

std::string DemoWelcome(const Listeners& listeners, bool throw_away, bool test_mode) {
  const net::Listener& listener = Simplest(listeners.data_plane);
  std::string text =
      "Portal API {version} with demo data: {url} (loopback only{throw_away})\n"
      "\n"
      "A page:           {curl} -H 'Authorization: Bearer prod_token' '{url}/v1/contacts?limit=2'\n"
      "One contact:      {curl} -H 'Authorization: Bearer prod_token' "
      "{url}/v1/contacts/550e8400-e29b-41d4-a716-446655440000\n"
      "A signed URL:     {curl} -s -H 'Authorization: Bearer prod_token' {url}/v1/jobs/job_prod_test/files "
      "| grep -o 'http[^\"]*signature=[0-9a-f]*' | xargs {curl} -s -o production_document.pdf "
      "-w '%{http_code} %{size_download} bytes\\n'\n"
      "Another tenant:   {curl} -i -H 'Authorization: Bearer different_tenant_token' "
      "{url}/v1/contacts/550e8400-e29b-41d4-a716-446655440000\n"
      "An error page:    {curl} {url}/errors/not-found\n";
  if (listeners.control_plane) {
    text += "For operators:    " + CurlFor(*listeners.control_plane) + " -H 'Authorization: Bearer admin_token' " +
            UrlOf(*listeners.control_plane) + "/api/status\n";
  }
  if (test_mode) {
    text += "Test mode:        reset, clock, faults and requests are below " + UrlOf(*listeners.control_plane) +
            "/test/, described by /test/openapi.json\n";
  }
  text += "\nCtrl-C ends it.\n";
  base::Substitute(text, "{curl}", CurlFor(listener));
  base::Substitute(text, "{version}", base::kBuild.version);
  base::Substitute(text, "{url}", UrlOf(listener));
  base::Substitute(text, "{throw_away}", throw_away ? "; the data goes when it ends" : "");
  return text;
}

}  // namespace portal::app
