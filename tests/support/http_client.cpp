#include "support/http_client.h"

#define CPPHTTPLIB_USE_POLL
#include <httplib.h>

#include <algorithm>
#include <stdexcept>

namespace portal::testing {
namespace {

HttpAnswer ToAnswer(const std::string& target, const httplib::Result& result) {
  if (!result) throw std::runtime_error("no answer to " + target + ": " + httplib::to_string(result.error()));
  HttpAnswer answer{result->status, {}, result->body};
  for (const auto& [name, value] : result->headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    answer.headers.emplace(std::move(lower), value);
  }
  return answer;
}

}  // namespace

const std::string& HttpAnswer::Header(std::string_view name) const {
  const std::string key(name);
  if (headers.count(key) != 1) {
    throw std::runtime_error("header " + key + " is there " + std::to_string(headers.count(key)) + " times");
  }
  return headers.find(key)->second;
}

bool HttpAnswer::Has(std::string_view name) const { return headers.count(std::string(name)) > 0; }

struct HttpClient::Connection {
  explicit Connection(std::uint16_t port) : client("127.0.0.1", port) {
    client.set_keep_alive(true);
    client.set_url_encode(false);
    client.set_connection_timeout(10);
    client.set_read_timeout(10);
    client.set_write_timeout(10);
  }
  httplib::Client client;
};

HttpClient::HttpClient(std::uint16_t port) : connection_(std::make_unique<Connection>(port)) {}
HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::Get(const std::string& target, const Headers& headers) {
  return ToAnswer(target, connection_->client.Get(target, httplib::Headers(headers.begin(), headers.end())));
}

HttpAnswer HttpClient::Head(const std::string& target, const Headers& headers) {
  return ToAnswer(target, connection_->client.Head(target, httplib::Headers(headers.begin(), headers.end())));
}

}  // namespace portal::testing
