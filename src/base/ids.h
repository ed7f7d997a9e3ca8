#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

namespace portal::base {

/// A value that cannot be mistaken for another one of the same representation: a JobId is no FileId.
template <typename Tag, typename Representation>
class Strong {
 public:
  Strong() = default;
  explicit Strong(Representation value) : value_(std::move(value)) {}
  const Representation& value() const { return value_; }
  friend auto operator<=>(const Strong&, const Strong&) = default;

 private:
  Representation value_{};
};

/// The internal key of a tenant; never shown to clients. Every query of the store takes one first.
using TenantId = Strong<struct TenantIdTag, std::int64_t>;
/// A UUID in its canonical text: 36 characters, lower case (RFC 9562 §4).
using ContactId = Strong<struct ContactIdTag, std::string>;
/// `job_` and 1 to 60 of `[A-Za-z0-9_-]`.
using JobId = Strong<struct JobIdTag, std::string>;
/// `file_` and 1 to 60 of `[A-Za-z0-9_-]`.
using FileId = Strong<struct FileIdTag, std::string>;
/// The public name of an API client, unique in the whole store: 1 to 64 of `[A-Za-z0-9_.-]`.
using ClientId = Strong<struct ClientIdTag, std::string>;

/// Which thread answers: event loops count from 0, the threads of the slow-read pool follow. Each has its
/// own database connection, statements, caches and random numbers, and never touches another's.
struct WorkerId {
  std::size_t index = 0;
};

}  // namespace portal::base
