#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "net/socket.h"
#include "net/transport.h"

namespace portal::net {

/// Room that the TLS connections of one event loop share, as only one of them is being served at a time.
struct TlsScratch {
  /// Plain bytes on their way into a record: a small answer's parts, or a file's. Also the most that one call sends,
  /// so that the processor's cache holds both it and what it becomes.
  static constexpr std::size_t kPlainBytes = 64 * 1024;

  std::vector<char> plain = std::vector<char>(kPlainBytes);
  std::string cipher;  ///< what the current call is about to send; empty between calls
};

/// The encrypted side of a TLS connection: OpenSSL reads from it and writes to it instead of a socket. Writing only
/// collects, so that many records leave in one system call; what the kernel does not take is kept here. Not
/// thread-safe.
class TlsWire {
 public:
  using Outcome = Moved::Outcome;

  TlsWire(Socket socket, TlsScratch& scratch);
  TlsWire(const TlsWire&) = delete;
  TlsWire& operator=(const TlsWire&) = delete;

  /// For OpenSSL, which owns it and must let it go before this ends. Null without memory.
  BIO* NewBio();

  /// The socket is asked again, even if it had nothing more the last time.
  void BeginReceiving() { drained_ = false; }
  /// The socket gave less than asked for, or nothing: the event loop tells when there is more.
  bool drained() const { return drained_; }

  /// A client may send so much that leads to nothing (a handshake, key updates, empty records), and then must bring
  /// something of use; what came of use so far is hereby acknowledged. What it does beyond is an error.
  void RenewPatience();

  /// One attempt to send everything: kSome when nothing waits any more, kBlock, or kError.
  Outcome Flush(bool more_follows = false);
  std::size_t unsent() const { return kept_.size() + scratch_.cipher.size(); }
  /// What is written from now on goes nowhere.
  void StopSending();

  Socket& socket() { return socket_; }
  const Socket& socket() const { return socket_; }

 private:
  friend struct TlsWireBio;

  // What BIO_read_ex(3) and BIO_write_ex(3) ask for.
  Moved Read(std::span<char> into);
  bool Write(std::span<const char> bytes);

  Moved SendAll(std::string& bytes, bool more_follows);

  Socket socket_;
  TlsScratch& scratch_;
  std::string kept_;
  std::size_t patience_bytes_;
  bool drained_ = false;
  bool ended_ = false;
  bool stopped_ = false;
};

}  // namespace portal::net
