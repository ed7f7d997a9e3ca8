#include "app/announcements.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "base/json_object.h"

namespace portal::app {

const net::Listener& Simplest(const std::vector<net::Listener>& listeners) {
  const auto plain = std::ranges::find_if(
      listeners, [](const net::Listener& listener) { return !listener.is_unix() && !listener.secure(); });
  return plain == listeners.end() ? listeners.front() : *plain;
}

std::string UrlOf(const net::Listener& listener) {
  return (listener.secure() ? "https://" : "http://") + listener.authority();
}

std::string PortLines(std::span<const net::Listener> listeners) {
  constexpr std::string_view kUnixScheme = "unix:";
  std::string lines;
  for (const net::Listener& listener : listeners) {
    lines += listener.is_unix() ? listener.address().substr(kUnixScheme.size()) : std::to_string(listener.port());
    lines += '\n';
  }
  return lines;
}

std::string ReadyLine(const Listeners& listeners, std::span<const service::DemoToken> tokens) {
  base::JsonObject named;
  for (const service::DemoToken& token : tokens) named.Text(token.owner, token.token);
  base::JsonObject line;
  line.Text("url", UrlOf(Simplest(listeners.data_plane)));
  if (listeners.control_plane) {
    line.Text("control_url", UrlOf(*listeners.control_plane));
  } else {
    line.Json("control_url", "null");
  }
  return line.Number("pid", ::getpid()).Json("tokens", named.Done()).Line();
}

}  // namespace portal::app
