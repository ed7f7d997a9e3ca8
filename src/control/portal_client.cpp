#include "control/portal_client.h"

#include <httplib.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "base/endpoint.h"
#include "http/head_syntax.h"
#include "http/own_hosts.h"

namespace portal::control {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr std::chrono::seconds kPatience{10};
constexpr std::string_view kUnix = "unix:";
constexpr const char* kUseItsConfiguration = "use its configuration (--config, or --tls-cert and --tls-key)";
constexpr std::size_t kMaxAuthority = 260;  // a host of at most 253 characters (RFC 1035 §2.3.4), and a port

/// Of `http://` or `https://` with nothing behind the authority but perhaps a `/`. httplib would take anything else for
/// a host, or throw.
std::optional<std::string_view> AuthorityOf(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    std::string_view authority = url.substr(scheme.size());
    if (authority.ends_with('/')) authority.remove_suffix(1);
    const std::size_t colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
    const bool has_port = colon != std::string_view::npos;
    const bool is_right = has_port ? http::IsAuthorityWithPort(authority) : http::IsAuthority(authority);
    if (is_right && authority.size() <= kMaxAuthority) return authority;
  }
  return std::nullopt;
}

bool IsUnixSocket(std::string_view url) {
  const auto endpoint = base::ParseEndpoint(url);
  return url.starts_with(kUnix) && endpoint;
}

httplib::Client ClientOf(const Destination& destination) {
  if (!destination.url.starts_with(kUnix)) {
    const bool has_slash = destination.url.ends_with('/');  // to which httplib would not listen
    return httplib::Client(destination.url.substr(0, destination.url.size() - (has_slash ? 1 : 0)));
  }
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
  if (disbelieved && !destination.certificate.empty()) {
    return Fail(ErrorCode::kUnavailable, "The certificate of " + destination.url + " is not that of " +
                                             destination.certificate.string() +
                                             ", nor signed by it, or has expired: " + kUseItsConfiguration);
  }
  if (disbelieved) {
    return Fail(ErrorCode::kUnavailable, "The certificate of " + destination.url +
                                             " cannot be verified: name the host that it is for, and see that it has "
                                             "not expired; or, on its own machine, " +
                                             kUseItsConfiguration);
  }
  return Fail(ErrorCode::kUnavailable,
              "No portal answers at " + destination.url + ": start it, or say where its control plane is",
              httplib::to_string(error));
}

}  // namespace

bool IsOnThisMachine(std::string_view url) {
  http::Head head;
  const auto authority = AuthorityOf(url);
  head.host = authority.value_or(std::string_view());
  return authority && http::OwnHosts({}).AreMeantBy(head);
}

base::Result<std::string> Fetch(const Destination& destination, const std::string& target, const std::string& token) {
  const auto no_url = [&] {
    return Fail(ErrorCode::kValidation, "\"" + destination.url +
                                            "\" is no URL of a control plane, as are https://portal.example.com:3001 "
                                            "and unix:/run/portal.sock; a port is a number from 1 to 65535");
  };
  if (!AuthorityOf(destination.url) && !IsUnixSocket(destination.url)) return no_url();
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
