#pragma once

#include <utility>

#include "base/unique_fd.h"
#include "net/transport.h"

namespace portal::net {

/// Plain bytes over a connected, non-blocking stream socket. Nothing raises SIGPIPE, but SendFile, which needs it
/// ignored.
class Socket final : public Transport {
 public:
  explicit Socket(base::UniqueFd fd) : fd_(std::move(fd)) {}

  Handshake Shake() override { return Handshake::kDone; }
  std::unique_ptr<Transport> TakePlain() override { return nullptr; }
  Moved Receive(std::span<char> into) override;
  Moved Send(std::span<const iovec> parts, bool more_follows) override;
  /// Straight from the page cache.
  Moved SendFile(int file, std::uint64_t offset, std::size_t bytes) override;
  Moved Flush() override { return {Moved::Outcome::kSome}; }
  bool HasPartialInput() const override { return false; }
  std::size_t Unconfirmed() const override;
  void FinishSending() override;
  void Close() override { fd_.Reset(); }
  void Abort() override;
  bool IsSecure() const override { return false; }
  bool IsResumed() const override { return false; }
  int fd() const override { return fd_.get(); }

 private:
  base::UniqueFd fd_;
};

}  // namespace portal::net
