#include "net/tls_wire.h"

#include <openssl/bio.h>

#include <algorithm>
#include <new>
#include <utility>

namespace portal::net {

namespace {

// More than the largest record (16 KiB and 261 bytes) and than any client's part of a handshake, though OpenSSL would
// collect 128 KiB of a ClientHello; few enough that the costliest use of them, key updates, takes milliseconds.
constexpr std::size_t kPatienceBytes = 32 * 1024;

// Never reached by what is sent, since that waits for the kernel: only by answers to key updates that a client asks
// for and does not read.
constexpr std::size_t kMaxUnsentBytes = 4 * TlsScratch::kPlainBytes;

}  // namespace

/// OpenSSL's view of a wire: a BIO_METHOD (BIO_meth_new(3)) whose data is the wire.
struct TlsWireBio {
  static TlsWire& WireOf(BIO* bio) { return *static_cast<TlsWire*>(BIO_get_data(bio)); }

  static int Read(BIO* bio, char* into, std::size_t size, std::size_t* got) {
    BIO_clear_retry_flags(bio);
    const Moved moved = WireOf(bio).Read({into, size});
    if (moved.outcome == Moved::Outcome::kBlock) BIO_set_retry_read(bio);
    *got = moved.bytes;
    return moved.outcome == Moved::Outcome::kSome ? 1 : 0;
  }

  static int Write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
    BIO_clear_retry_flags(bio);
    if (!WireOf(bio).Write({bytes, size})) return 0;
    *written = size;
    return 1;
  }

  static long Control(BIO* bio, int command, long, void*) {
    switch (command) {
      case BIO_CTRL_FLUSH:  // done once a call, by TlsTransport
        return 1;
      case BIO_CTRL_EOF:
        return WireOf(bio).ended_ ? 1 : 0;
      default:
        return 0;
    }
  }

  static const BIO_METHOD* Method() {
    static const BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "portal");
      if (!made) throw std::bad_alloc();
      BIO_meth_set_read_ex(made, Read);
      BIO_meth_set_write_ex(made, Write);
      BIO_meth_set_ctrl(made, Control);
      return made;
    }();
    return method;
  }
};

TlsWire::TlsWire(Socket socket, TlsScratch& scratch)
    : socket_(std::move(socket)), scratch_(scratch), patience_bytes_(kPatienceBytes) {}

BIO* TlsWire::NewBio() {
  BIO* bio = BIO_new(TlsWireBio::Method());
  if (!bio) return nullptr;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  return bio;
}

void TlsWire::RenewPatience() { patience_bytes_ = kPatienceBytes; }

Moved TlsWire::Read(std::span<char> into) {
  if (drained_) return {Outcome::kBlock};
  if (patience_bytes_ == 0) return {Outcome::kError};
  const Moved moved = socket_.Receive(into.first(std::min(into.size(), patience_bytes_)));
  patience_bytes_ -= moved.bytes;
  drained_ = moved.drained;
  ended_ = moved.outcome == Outcome::kEnd;
  return moved;
}

bool TlsWire::Write(std::span<const char> bytes) {
  if (stopped_) return true;
  if (unsent() + bytes.size() > kMaxUnsentBytes) return false;
  scratch_.cipher.append(bytes.data(), bytes.size());
  return true;
}

Moved TlsWire::SendAll(std::string& bytes, bool more_follows) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const iovec rest{bytes.data() + sent, bytes.size() - sent};
    const Moved moved = socket_.Send({&rest, 1}, more_follows);
    if (moved.outcome != Outcome::kSome) return {moved.outcome, sent};
    sent += moved.bytes;
  }
  return {Outcome::kSome, sent};
}

TlsWire::Outcome TlsWire::Flush(bool more_follows) {
  std::string& fresh = scratch_.cipher;
  if (kept_.empty()) {
    const Moved moved = SendAll(fresh, more_follows);
    if (moved.outcome == Outcome::kBlock) kept_.assign(fresh, moved.bytes);
    fresh.clear();
    return moved.outcome;
  }
  kept_ += fresh;
  fresh.clear();
  const Moved moved = SendAll(kept_, more_follows);
  if (moved.outcome == Outcome::kBlock) {
    kept_.erase(0, moved.bytes);
  } else {
    kept_ = {};  // an idle connection holds no memory
  }
  return moved.outcome;
}

void TlsWire::StopSending() {
  stopped_ = true;
  kept_ = {};
  scratch_.cipher.clear();
}

}  // namespace portal::net
