#include "control/portal_client.h"

#include <httplib.h>

#include <chrono>
#include <memory>
#include <utility>

namespace portal::control {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr std::chrono::seconds kPatience{10};
constexpr std::string_view kUnix = "unix:";

bool IsUrl(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://") || text.starts_with(kUnix);
}

httplib::Client ClientOf(const Destination& destination) {
  if (!destination.url.starts_with(kUnix)) return httplib::Client(destination.url);
  httplib::Client client(destination.url.substr(kUnix.size()));
  client.set_address_family(AF_UNIX);
  client.set_default_headers({{"Host", "localhost"}});
  return client;
}

void Believe(const std::filesystem::path& certificate, httplib::Client& client) {
  if (certificate.empty() || client.ssl_context() == nullptr) return;
  client.set_ca_cert_path(certificate);
  client.enable_server_hostname_verification(false);
  // Its authority need not be in the file.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(client.ssl_context()), X509_V_FLAG_PARTIAL_CHAIN);
}

tl::unexpected<base::Error> Unreachable(const Destination& destination, httplib::Error error) {
  const bool disbelieved =
      error == httplib::Error::SSLServerVerification || error == httplib::Error::SSLServerHostnameVerification;
  if (disbelieved) {
    return Fail(ErrorCode::kUnavailable, "The certificate of " + destination.url +
                                             " cannot be verified: name the host that it is for, and see that it has "
                                             "not expired");
  }
  return Fail(ErrorCode::kUnavailable,
              "No portal answers at " + destination.url + ": start it, or say where its control plane is",
              httplib::to_string(error));
}

}  // namespace

base::Result<std::string> Fetch(const Destination& destination, const std::string& target, const std::string& token) {
  const auto no_url = [&] {
    return Fail(ErrorCode::kValidation, "\"" + destination.url +
                                            "\" is no URL of a control plane, as are https://portal.example.com:3001 "
                                            "and unix:/run/portal.sock");
  };
  if (!IsUrl(destination.url)) return no_url();
  httplib::Client client = ClientOf(destination);
  if (!client.is_valid()) return no_url();
  Believe(destination.certificate, client);
  client.set_connection_timeout(kPatience);
  client.set_read_timeout(kPatience);
  client.set_write_timeout(kPatience);
  const httplib::Result result = client.Get(target, {{"Authorization", "Bearer " + token}});
  if (!result) return Unreachable(destination, result.error());
  switch (result->status) {
    case 200:
      return std::move(result->body);
    case 401:
      return Fail(ErrorCode::kUnauthorized, "The token is wrong, revoked or expired");
    case 403:
      return Fail(ErrorCode::kForbidden, "The token may not do this, or the portal takes no requests from here",
                  result->body);
    case 404:
      return Fail(ErrorCode::kNotFound, destination.url + " has no " + target + ": is it a portal's control plane?");
    default:
      return Fail(ErrorCode::kUnavailable,
                  destination.url + " answered " + std::to_string(result->status) + " to " + target, result->body);
  }
}

}  // namespace portal::control
