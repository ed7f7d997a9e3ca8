#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "app/doctor.h"
#include "base/endpoint.h"
#include "base/unique_fd.h"

namespace portal::app {
namespace {

using State = Diagnosis::State;

constexpr int kPatienceMs = 1'000;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address AddressOf(const base::Endpoint& endpoint) {
  Address address;
  if (endpoint.kind == base::Endpoint::Kind::kUnix) {
    auto& path = reinterpret_cast<sockaddr_un&>(address.storage);
    path.sun_family = AF_UNIX;
    std::memcpy(path.sun_path, endpoint.name.c_str(), std::min(endpoint.name.size() + 1, sizeof path.sun_path));
    address.size = sizeof(sockaddr_un);
  } else if (endpoint.is_v6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    ::inet_pton(AF_INET6, endpoint.name.c_str(), &v6.sin6_addr);
    address.size = sizeof(sockaddr_in6);
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    ::inet_pton(AF_INET, endpoint.name.c_str(), &v4.sin_addr);
    address.size = sizeof(sockaddr_in);
  }
  return address;
}

/// What whoever listens there says to GET /livez; empty: nothing that is HTTP.
std::string Ask(const Address& address) {
  const base::UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  static constexpr std::string_view kRequest = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (!fd || ::connect(fd.get(), address.get(), address.size) != 0) return {};
  if (::send(fd.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return {};
  pollfd wait{fd.get(), POLLIN, 0};
  if (::poll(&wait, 1, kPatienceMs) != 1) return {};
  std::string answer(1024, '\0');
  const ssize_t got = ::recv(fd.get(), answer.data(), answer.size(), 0);
  answer.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return answer.starts_with("HTTP/1.1 ") ? answer : std::string();
}

Diagnosis Busy(const std::string& entry, const Address& address) {
  const std::string answer = Ask(address);
  // Every answer of a portal has both, a refusal of plain HTTP on a TLS port too.
  if (answer.find("X-Trace-Id:") != std::string::npos && answer.find("X-Request-Id:") != std::string::npos) {
    return {"port", State::kGood, entry + ": a portal answers there", ""};
  }
  return {"port", State::kWarning, entry + ": something else, or a portal that does not answer, has it",
          "find it with: ss -ltnp; stop it, or listen elsewhere"};
}

Diagnosis Probe(const std::string& entry) {
  const auto endpoint = base::ParseEndpoint(entry);
  if (!endpoint || endpoint->kind == base::Endpoint::Kind::kSystemd) {
    return {"port", State::kGood, entry + ": the service manager holds it", ""};
  }
  const Address address = AddressOf(*endpoint);
  if (endpoint->kind == base::Endpoint::Kind::kUnix) {
    if (!Ask(address).empty()) return {"port", State::kGood, entry + ": a portal answers there", ""};
    return {"port", State::kGood, entry + ": nobody answers there", ""};
  }
  const base::UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd && ::bind(fd.get(), address.get(), address.size) == 0) return {"port", State::kGood, entry + ": free", ""};
  if (errno == EADDRINUSE) return Busy(entry, address);
  if (errno == EACCES) {
    return {"port", State::kBad, entry + ": this user may not listen there",
            "listen on a port from 1024 on, or give the service CAP_NET_BIND_SERVICE"};
  }
  if (errno == EADDRNOTAVAIL) {
    return {"port", State::kBad, entry + ": this machine has no such address", "see the addresses with: ip address"};
  }
  return {"port", State::kBad, entry + ": " + std::strerror(errno), "listen elsewhere"};
}

}  // namespace

Diagnoses DiagnosePorts(const config::Config& config) {
  Diagnoses found;
  for (const std::string& entry : config.listen) found.push_back(Probe(entry));
  if (!config.control.listen.empty()) found.push_back(Probe(config.control.listen));
  return found;
}

}  // namespace portal::app
