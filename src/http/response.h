#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace portal::http {

inline constexpr std::string_view kJson = "application/json; charset=utf-8";
inline constexpr std::string_view kProblemJson = "application/problem+json";
inline constexpr std::string_view kHtml = "text/html; charset=utf-8";

/// A header that a response carries beside those the pipeline and the writer add to every one.
struct ResponseField {
  std::string_view name;  ///< a literal
  std::string value;      ///< no CR, LF or NUL: the writer drops a field that has one
};

/// Hears that a file's bytes could not be read on their way to a client. Thread-safe.
class FileReadWatcher {
 public:
  virtual ~FileReadWatcher() = default;
  /// `error` as errno.
  virtual void ReadFailed(int error) const = 0;
};

/// Bytes of a file to be sent as the body, straight from the page cache.
struct FileRegion {
  base::UniqueFd fd;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  const FileReadWatcher* watcher = nullptr;  ///< borrowed
};

/// What a handler answers. Date, ids, security headers, Content-Length and Connection are not its business.
struct Response {
  int status = 200;
  std::string_view content_type = kJson;     ///< empty: no body type (204, 304)
  std::string_view content_security_policy;  ///< empty: the default of every answer
  std::string content_type_storage;          ///< backs `content_type` where it is no literal; wins if not empty
  std::string body;
  std::optional<FileRegion> file;  ///< instead of `body`
  std::vector<ResponseField> fields;
  bool close = false;     ///< end the connection after this answer
  bool drop = false;      ///< reset the connection in place of an answer: a fault of test mode
  bool streamed = false;  ///< a body of unknown length follows: in chunks, or in HTTP/1.0 until the connection's end

  void Add(std::string_view name, std::string value) { fields.push_back({name, std::move(value)}); }
  std::uint64_t content_length() const { return file ? file->length : body.size(); }
};

}  // namespace portal::http
