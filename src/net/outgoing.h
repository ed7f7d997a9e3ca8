#pragma once

#include <cstdint>
#include <string>

#include "http/request.h"
#include "http/response.h"
#include "net/transport.h"

namespace portal::net {

/// What is still to be sent of one answer: head and body in one send where both are in memory, a file's
/// region by turns, so that no download keeps the others waiting. Not thread-safe.
class Outgoing {
 public:
  enum class Progress : std::uint8_t {
    kDone,     ///< the kernel has all of it
    kTurn,     ///< its turn is over; there may be room for more
    kBlocked,  ///< the client must take some first
    kCold,     ///< the file's next bytes must come from the disk: `ReadAhead` where blocking is no harm
    kFailed,   ///< the client is gone, or the file ended before its length
  };

  /// Begins an answer. `close`: the head says that the connection ends with it.
  void Start(const http::Request& request, http::Response&& response, bool close);

  Progress Send(Transport& transport);

  /// Brings the file's next bytes into memory. Blocks as long as the disk takes.
  void ReadAhead();

  int status() const { return response_.status; }
  bool closes() const { return closes_; }
  std::uint64_t body_sent() const { return sent_ > head_bytes_ ? sent_ - head_bytes_ : 0; }
  /// Bytes of head and body that the kernel has.
  std::uint64_t sent() const { return sent_; }

  /// Lets go of the body or file, keeps the room for the next head.
  void Clear() { response_ = {}; }

 private:
  Moved SendMemory(Transport& transport);
  Moved SendFile(Transport& transport, std::size_t most);
  bool IsCold();
  void NoteUnreadable(int error) const;

  http::Response response_;
  std::string head_;  // and a small body behind it
  std::uint64_t head_bytes_ = 0;
  std::uint64_t length_ = 0;  // of head and body
  std::uint64_t sent_ = 0;
  std::uint64_t warm_until_ = 0;  // of head and body; before here nobody asks whether bytes are in memory
  bool closes_ = false;
};

}  // namespace portal::net
