#include "api/cursor.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/base64url.h"

namespace portal::api {
namespace {

// A cursor is base64url of: MAC (16 bytes), then direction, has-time, time (8 bytes, little-endian),
// length of the id (1 byte), id, text.
constexpr std::size_t kMacSize = std::tuple_size_v<crypto::KeyedHash::Tag>;
constexpr std::size_t kFixedSize = kMacSize + 1 + 1 + 8 + 1;

}  // namespace

std::string Cursors::Encode(std::string_view scope, const model::PageStart& start) const {
  const model::Keyset& keyset = start.keyset;
  std::string whole(kMacSize, '\0');
  whole.reserve(kFixedSize + keyset.id.size() + keyset.text.size());
  whole += start.kind == model::PageStart::Kind::kBefore ? '\1' : '\0';
  whole += keyset.time_ms ? '\1' : '\0';
  const std::int64_t time = keyset.time_ms.value_or(0);
  char time_bytes[sizeof(time)];
  std::memcpy(time_bytes, &time, sizeof(time));
  whole.append(time_bytes, sizeof(time));
  whole += static_cast<char>(keyset.id.size());
  whole += keyset.id;
  whole += keyset.text;
  const std::array<std::string_view, 2> signed_parts = {scope, std::string_view(whole).substr(kMacSize)};
  const auto mac = keys_.Current()->Tag(signed_parts);
  std::copy(mac.begin(), mac.end(), whole.begin());
  return crypto::ToBase64Url({reinterpret_cast<const unsigned char*>(whole.data()), whole.size()});
}

std::optional<model::PageStart> Cursors::Decode(std::string_view scope, std::string_view text,
                                                base::WallTime now) const {
  const auto whole = crypto::FromBase64Url(text);
  if (!whole || whole->size() < kFixedSize) return std::nullopt;
  const std::string_view payload = std::string_view(*whole).substr(kMacSize);
  const std::array<std::string_view, 2> signed_parts = {scope, payload};
  crypto::KeyedHash::Tag mac;
  std::copy_n(whole->begin(), mac.size(), mac.begin());
  const auto verify = [&](const crypto::KeyRing& keys) { return keys.VerifyTag(signed_parts, mac, now); };
  if (!keys_.Accept(verify)) return std::nullopt;

  model::PageStart start;
  start.kind = payload[0] ? model::PageStart::Kind::kBefore : model::PageStart::Kind::kAfter;
  if (payload[1]) {
    std::int64_t time = 0;
    std::memcpy(&time, payload.data() + 2, sizeof(time));
    start.keyset.time_ms = time;
  }
  const std::size_t id_size = static_cast<unsigned char>(payload[10]);
  start.keyset.id = payload.substr(11, id_size);
  start.keyset.text = payload.substr(11 + id_size);
  return start;
}

}  // namespace portal::api
