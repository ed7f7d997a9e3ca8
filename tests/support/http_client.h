#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portal::testing {

/// An answer as a stock HTTP client understands it.
struct HttpAnswer {
  int status = 0;
  std::multimap<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  /// The value of a header that must be there exactly once; throws otherwise. `name` in lower case.
  const std::string& Header(std::string_view name) const;
  bool Has(std::string_view name) const;
};

/// A second opinion on the server: cpp-httplib's client, keep-alive, against 127.0.0.1. For malformed or
/// split requests use RawClient, and also for header values with escapes: cpp-httplib percent-decodes them.
/// Throws when there is no answer within ten seconds. Not thread-safe.
class HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit HttpClient(std::uint16_t port);
  ~HttpClient();

  /// `target` is sent as it is: path and query, escaped by the caller.
  HttpAnswer Get(const std::string& target, const Headers& headers = {});
  HttpAnswer Head(const std::string& target, const Headers& headers = {});

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace portal::testing
