#include "cli/version.h"

#include <openssl/crypto.h>
#include <sodium.h>
#include <sqlite3.h>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"

namespace portal::cli {
namespace {

/// `OpenSSL 3.0.17 1 Jul 2025` without name and date.
std::string OpenSslVersion() {
  const std::string text = OpenSSL_version(OPENSSL_VERSION);
  const std::size_t begin = text.find(' ') + 1;
  return text.substr(begin, text.find(' ', begin) - begin);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> LibraryVersions() {
  return {{"SQLite", sqlite3_libversion()}, {"libsodium", sodium_version_string()}, {"OpenSSL", OpenSslVersion()}};
}

int Version(const VersionCommand& command, Console& console) {
  const base::BuildInfo& build = base::kBuild;
  if (command.json) {
    JsonObject json;
    json.Text("version", build.version).Text("commit", build.commit).Text("build_date", build.date);
    json.Text("sqlite", sqlite3_libversion()).Text("libsodium", sodium_version_string());
    json.Text("openssl", OpenSslVersion());
    console.Data(json.Line());
    return kExitOk;
  }
  std::string text = "portal-appliance " + std::string(build.version) + "\n";
  text += "commit     " + std::string(build.commit) + "\n";
  text += "built      " + std::string(build.date) + "\n";
  text += "SQLite     " + std::string(sqlite3_libversion()) + "\n";
  text += "libsodium  " + std::string(sodium_version_string()) + "\n";
  text += "OpenSSL    " + OpenSslVersion() + "\n";
  console.Data(text);
  return kExitOk;
}

}  // namespace portal::cli
