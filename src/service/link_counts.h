#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portal::service {

/// Why a signed URL is not served.
enum class LinkRefusal : std::uint8_t {
  kMalformed,  ///< it is not written as the signer writes it
  kSignature,  ///< of another key, another link or an unknown client
  kExpired,
  kRevoked,   ///< the client is revoked or its tenant suspended
  kNotFound,  ///< the file is gone
};
/// In the order of LinkRefusal: as metrics name them.
inline constexpr std::array<std::string_view, 5> kLinkRefusalNames = {"malformed", "signature", "expired", "revoked",
                                                                      "not_found"};

/// How many signed URLs were made and refused. Thread-safe.
class LinkCounts {
 public:
  void NoteMade(std::uint64_t links) { made_.fetch_add(links, std::memory_order_relaxed); }
  void NoteRefused(LinkRefusal why) { refused_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed); }

  std::uint64_t made() const { return made_.load(std::memory_order_relaxed); }
  std::uint64_t refused(std::size_t why) const { return refused_[why].load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> made_{0};
  std::array<std::atomic<std::uint64_t>, kLinkRefusalNames.size()> refused_{};
};

}  // namespace portal::service
