#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "net/socket.h"
#include "net/tls_context.h"
#include "net/tls_pointers.h"
#include "net/tls_wire.h"
#include "net/transport.h"

namespace portal::net {

/// The server's side of a TLS connection over a connected, non-blocking stream socket. Holds little more than the
/// socket until the client's first byte, and no buffers while idle.
///
/// Beyond what Transport promises: after `Shake` has said kDone, bytes of the client may be in here already, of which
/// the event loop does not tell: call Receive. A client's end without close_notify ends the stream like one with it,
/// since every request has a length.
class TlsTransport final : public Transport {
 public:
  /// `loop` is the event loop that serves the connection, `scratch` that loop's; it must outlive this.
  TlsTransport(Socket socket, std::shared_ptr<const TlsContext> context, std::size_t loop, TlsScratch& scratch);

  /// kPlainText: the first byte begins an HTTP method, not a TLS record (RFC 8446 §5.1).
  Handshake Shake() override;
  std::unique_ptr<Transport> TakePlain() override;

  Moved Receive(std::span<char> into) override;
  /// At most `TlsScratch::kPlainBytes`; the parts share records, so that a head and a small body are one.
  Moved Send(std::span<const iovec> parts, bool more_follows) override;
  Moved SendFile(int file, std::uint64_t offset, std::size_t bytes) override;
  Moved Flush() override { return {wire_.Flush()}; }
  bool HasPartialInput() const override;
  std::size_t Unconfirmed() const override { return wire_.socket().Unconfirmed() + wire_.unsent(); }
  void FinishSending() override;
  void Close() override;
  void Abort() override;
  bool IsSecure() const override { return true; }
  bool IsResumed() const override;
  int fd() const override { return wire_.socket().fd(); }

 private:
  enum class FirstByte : std::uint8_t { kTls, kPlain, kOther, kNone, kEnd };

  FirstByte LookAtFirstByte() const;
  bool BeginHandshake();
  bool WriteRecords(std::span<const char> plain);
  Moved AfterWriting(std::size_t taken, bool more_follows);
  void SayGoodbye();

  std::shared_ptr<const TlsContext> context_;
  const std::size_t loop_;
  TlsScratch& scratch_;
  TlsWire wire_;
  TlsPointer<SSL> ssl_;  // after what it reads from and writes to; null before the first byte
  bool shaken_ = false;
  bool failed_ = false;  // OpenSSL must not be asked any more
};

}  // namespace portal::net
