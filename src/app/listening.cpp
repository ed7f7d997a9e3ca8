#include "app/listening.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/endpoint.h"

namespace portal::app {
namespace {

using base::Endpoint;
using base::ErrorCode;
using base::Fail;
using Inherited = std::vector<net::InheritedSocket>;

/// An entry of `listen`, and the inherited sockets that are its.
struct Entry {
  std::string text;
  Endpoint endpoint;
  Inherited sockets{};

  bool TakesFromManager() const { return endpoint.kind == Endpoint::Kind::kSystemd; }
};

base::Result<std::vector<Entry>> ReadEntries(const std::vector<std::string>& texts) {
  std::vector<Entry> entries;
  for (const std::string& text : texts) {
    const auto endpoint = base::ParseEndpoint(text);
    if (!endpoint) {
      return Fail(ErrorCode::kValidation,
                  "listen: \"" + text + "\" is not valid, expected " + std::string(base::kEndpointForms));
    }
    entries.push_back({text, *endpoint});
  }
  return entries;
}

/// The entry that names the socket, else one that takes what nobody names; nullptr where there is neither.
Entry* EntryFor(const net::InheritedSocket& socket, std::vector<Entry>& entries) {
  for (const std::string& name : {socket.name, std::string()}) {
    const auto at = std::ranges::find_if(
        entries, [&](const Entry& entry) { return entry.TakesFromManager() && entry.endpoint.name == name; });
    if (at != entries.end()) return &*at;
  }
  return nullptr;
}

std::string NamesOf(const Inherited& sockets) {
  std::string names;
  for (const net::InheritedSocket& socket : sockets) names += (names.empty() ? "" : ", ") + socket.name;
  return names;
}

base::Status Distribute(Inherited inherited, std::vector<Entry>& entries) {
  const std::string names = NamesOf(inherited);
  for (net::InheritedSocket& socket : inherited) {
    Entry* entry = EntryFor(socket, entries);
    if (!entry) {
      return Fail(ErrorCode::kValidation, "The service manager passes a socket named \"" + socket.name +
                                              "\" that no entry of listen names: add \"systemd:" + socket.name +
                                              "\" or \"systemd\" to listen, or remove it from the .socket unit");
    }
    entry->sockets.push_back(std::move(socket));
  }
  for (const Entry& entry : entries) {
    if (!entry.TakesFromManager() || !entry.sockets.empty()) continue;
    const std::string passed =
        names.empty() ? "The service manager passes no socket to this process (LISTEN_FDS)"
                      : "Of the sockets that the service manager passes (" + names + "), none is left for this entry";
    return Fail(ErrorCode::kValidation, "listen: \"" + entry.text + "\": " + passed +
                                            ". Start the portal through a .socket unit with that "
                                            "FileDescriptorName=, or list an address instead");
  }
  return {};
}

}  // namespace

base::Result<std::vector<net::Listener>> BindAll(const config::Config& config, ListenKey listen, Inherited inherited) {
  const bool only_inherited = listen == ListenKey::kDefault && !inherited.empty();
  auto entries = ReadEntries(only_inherited ? std::vector<std::string>{"systemd"} : config.listen);
  if (!entries) return Fail(std::move(entries).error());
  if (auto matched = Distribute(std::move(inherited), *entries); !matched) return Fail(std::move(matched).error());

  const bool have_certificate = !config.tls.cert.empty();
  std::vector<net::Listener> listeners;
  const auto add = [&](base::Result<net::Listener> listener) -> base::Status {
    if (!listener) return Fail(std::move(listener).error());
    listeners.push_back(*std::move(listener));
    return {};
  };
  for (Entry& entry : *entries) {
    base::Status added;
    if (!entry.TakesFromManager()) added = add(net::Listener::Bind(entry.text, have_certificate));
    for (net::InheritedSocket& socket : entry.sockets) {
      if (added) added = add(net::Listener::Adopt(std::move(socket), entry.endpoint.scheme, have_certificate));
    }
    if (!added) return Fail(std::move(added).error());
  }
  return listeners;
}

base::Result<std::optional<net::Listener>> BindControl(const config::Config& config, ListenKey listen) {
  if (config.control.listen.empty()) return std::nullopt;
  const bool wants_free_ports = std::ranges::all_of(config.listen, [](const std::string& text) {
    const auto endpoint = base::ParseEndpoint(text);
    return endpoint && endpoint->kind == Endpoint::Kind::kTcp && endpoint->port == 0;
  });
  const bool any_port = listen == ListenKey::kDefault && wants_free_ports;
  auto bound = net::Listener::Bind(any_port ? "127.0.0.1:0" : config.control.listen, !config.tls.cert.empty());
  if (!bound) {
    base::Error error = std::move(bound).error();
    error.detail = "control.listen: " + error.detail;
    return Fail(std::move(error));
  }
  return *std::move(bound);
}

}  // namespace portal::app
