#include "http/stages/trace.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "base/hex.h"

namespace portal::http::stages {
namespace {

bool IsIdentifier(std::string_view text, std::size_t max_size) {
  return !text.empty() && text.size() <= max_size && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsAllZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

/// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`. Versions after 00 may append fields.
std::optional<std::string_view> TraceIdOf(std::string_view traceparent) {
  constexpr std::size_t kSize = 55;
  if (traceparent.size() < kSize) return std::nullopt;
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace_id = traceparent.substr(3, 32);
  const std::string_view parent_id = traceparent.substr(36, 16);
  const std::string_view flags = traceparent.substr(53, 2);
  const bool dashes = traceparent[2] == '-' && traceparent[35] == '-' && traceparent[52] == '-';
  const bool ends_well = traceparent.size() == kSize || (version != "00" && traceparent[kSize] == '-');
  if (!dashes || !ends_well || version == "ff") return std::nullopt;
  if (!IsLowerHex(version) || !IsLowerHex(trace_id) || !IsLowerHex(parent_id) || !IsLowerHex(flags)) {
    return std::nullopt;
  }
  if (IsAllZero(trace_id) || IsAllZero(parent_id)) return std::nullopt;
  return trace_id;
}

/// The value of a field that should come once; one that comes again says nothing.
class OnlyValue {
 public:
  void Take(std::string_view value) {
    value_ = taken_ ? std::string_view{} : value;
    taken_ = true;
  }
  std::string_view value() const { return value_; }

 private:
  std::string_view value_;
  bool taken_ = false;
};

}  // namespace

void AssignIds(Request& request, crypto::RandomBuffer& random) {
  OnlyValue request_id;
  OnlyValue traceparent;
  OnlyValue trace_id;
  for (const HeaderField& field : request.head.fields) {
    switch (field.name.size()) {  // few fields have the length of one of these
      case 10:
        if (base::EqualsIgnoreCase(field.name, "x-trace-id")) trace_id.Take(field.value);
        break;
      case 11:
        if (base::EqualsIgnoreCase(field.name, "traceparent")) traceparent.Take(field.value);
        break;
      case 12:
        if (base::EqualsIgnoreCase(field.name, "x-request-id")) request_id.Take(field.value);
        break;
    }
  }
  if (IsIdentifier(request_id.value(), 128)) {
    request.request_id.Assign(request_id.value());
  } else {
    crypto::WriteUuid(random, request.request_id.Resize(36));
  }
  if (const auto id = TraceIdOf(traceparent.value())) {
    request.trace_id.Assign(*id);
  } else if (IsIdentifier(trace_id.value(), 64)) {
    request.trace_id.Assign(trace_id.value());
  } else {
    std::array<unsigned char, 16> bytes;
    random.Fill(bytes);
    base::WriteHex(bytes, request.trace_id.Resize(32));
  }
}

}  // namespace portal::http::stages
