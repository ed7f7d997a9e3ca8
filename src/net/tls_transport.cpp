#include "net/tls_transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/ascii.h"

namespace portal::net {

namespace {

using Outcome = Moved::Outcome;

constexpr unsigned char kHandshakeRecord = 0x16;                // RFC 8446 §5.1
constexpr std::size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;  // 16 KiB

bool IsLetter(char c) { return base::ToLowerAscii(c) >= 'a' && base::ToLowerAscii(c) <= 'z'; }

/// Walks over parts as if they were one text.
class PartsReader {
 public:
  explicit PartsReader(std::span<const iovec> parts) : parts_(parts) { SkipEmpty(); }

  bool empty() const { return parts_.empty(); }
  /// What follows in one piece; not empty unless all is.
  std::span<const char> Piece() const {
    if (empty()) return {};
    return {static_cast<const char*>(parts_[0].iov_base) + done_, parts_[0].iov_len - done_};
  }
  void Consume(std::size_t bytes) {
    done_ += bytes;
    SkipEmpty();
  }

 private:
  void SkipEmpty() {
    while (!parts_.empty() && done_ == parts_[0].iov_len) {
      parts_ = parts_.subspan(1);
      done_ = 0;
    }
  }

  std::span<const iovec> parts_;
  std::size_t done_ = 0;
};

}  // namespace

TlsTransport::TlsTransport(Socket socket, std::shared_ptr<const TlsContext> context, std::size_t loop,
                           TlsScratch& scratch)
    : context_(std::move(context)), loop_(loop), scratch_(scratch), wire_(std::move(socket), scratch) {}

// --- the handshake ----------------------------------------------------------------------------------

TlsTransport::FirstByte TlsTransport::LookAtFirstByte() const {
  char first = 0;
  ssize_t got = 0;
  do got = ::recv(fd(), &first, 1, MSG_PEEK);
  while (got < 0 && errno == EINTR);
  if (got < 0) return errno == EAGAIN ? FirstByte::kNone : FirstByte::kEnd;
  if (got == 0) return FirstByte::kEnd;
  if (static_cast<unsigned char>(first) == kHandshakeRecord) return FirstByte::kTls;
  return IsLetter(first) ? FirstByte::kPlain : FirstByte::kOther;
}

bool TlsTransport::BeginHandshake() {
  ssl_ = context_->NewConnection(loop_);
  BIO* bio = ssl_ ? wire_.NewBio() : nullptr;
  if (!bio) return false;
  SSL_set_bio(ssl_.get(), bio, bio);
  return true;
}

Handshake TlsTransport::Shake() {
  if (!ssl_) {
    switch (LookAtFirstByte()) {
      case FirstByte::kNone:
        return Handshake::kBlock;
      case FirstByte::kPlain:
        return Handshake::kPlainText;
      case FirstByte::kOther:
      case FirstByte::kEnd:
        return Handshake::kError;
      case FirstByte::kTls:
        if (!BeginHandshake()) return Handshake::kError;
    }
  }
  if (!shaken_ && !failed_) {
    wire_.BeginReceiving();
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    shaken_ = result == 1;
    failed_ = !shaken_ && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ;
    if (shaken_) wire_.RenewPatience();
  }
  const Outcome flushed = wire_.Flush();  // of a failure too: the alert says why
  if (failed_ || flushed == Outcome::kError) return Handshake::kError;
  return shaken_ && flushed == Outcome::kSome ? Handshake::kDone : Handshake::kBlock;
}

std::unique_ptr<Transport> TlsTransport::TakePlain() { return std::make_unique<Socket>(std::move(wire_.socket())); }

bool TlsTransport::IsResumed() const { return SSL_session_reused(ssl_.get()) == 1; }

// --- receiving --------------------------------------------------------------------------------------

Moved TlsTransport::Receive(std::span<char> into) {
  if (failed_) return {Outcome::kError};
  wire_.BeginReceiving();
  Moved moved{Outcome::kBlock};
  while (moved.bytes < into.size()) {
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), into.data() + moved.bytes, into.size() - moved.bytes, &got);
    if (result == 1) {
      moved.bytes += got;
      wire_.RenewPatience();
      moved.drained = wire_.drained() && SSL_has_pending(ssl_.get()) == 0;
      if (moved.drained) break;
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), result);
    moved.drained = error == SSL_ERROR_WANT_READ;
    if (error == SSL_ERROR_ZERO_RETURN) moved.outcome = Outcome::kEnd;
    failed_ = !moved.drained && moved.outcome != Outcome::kEnd;
    break;
  }
  if (wire_.Flush() == Outcome::kError) failed_ = true;  // answers to key updates, or an alert that says what failed
  if (moved.bytes > 0) {
    moved.outcome = Outcome::kSome;
    moved.drained = moved.drained && !failed_;  // what there is to tell, the next call tells
  } else if (failed_) {
    moved.outcome = Outcome::kError;
  }
  return moved;
}

bool TlsTransport::HasPartialInput() const {
  if (!shaken_ || failed_) return false;
  // A record's header alone is no pending byte any more: OpenSSL waits for the body ("RB").
  return SSL_has_pending(ssl_.get()) == 1 || std::strcmp(SSL_rstate_string(ssl_.get()), "RB") == 0;
}

// --- sending ----------------------------------------------------------------------------------------

bool TlsTransport::WriteRecords(std::span<const char> plain) {
  ERR_clear_error();
  std::size_t written = 0;
  failed_ = failed_ || SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1;
  return !failed_;
}

Moved TlsTransport::AfterWriting(std::size_t taken, bool more_follows) {
  if (wire_.Flush(more_follows) == Outcome::kError) failed_ = true;
  return failed_ ? Moved{Outcome::kError} : Moved{Outcome::kSome, taken};
}

Moved TlsTransport::Send(std::span<const iovec> parts, bool more_follows) {
  if (failed_) return {Outcome::kError};
  if (const Outcome flushed = wire_.Flush(); flushed != Outcome::kSome) return {flushed};
  PartsReader reader(parts);
  std::size_t taken = 0;
  while (!reader.empty() && taken < TlsScratch::kPlainBytes) {
    const std::span<const char> piece = reader.Piece();
    if (piece.size() >= kRecordBytes) {  // whole records, without a copy
      const std::size_t room = std::min(piece.size(), TlsScratch::kPlainBytes - taken);
      const std::size_t whole = std::max(room / kRecordBytes, std::size_t{1}) * kRecordBytes;
      if (!WriteRecords(piece.first(whole))) break;
      reader.Consume(whole);
      taken += whole;
      continue;
    }
    std::size_t gathered = 0;
    while (!reader.empty() && gathered < kRecordBytes) {
      const auto next = reader.Piece().first(std::min(reader.Piece().size(), kRecordBytes - gathered));
      std::memcpy(scratch_.plain.data() + gathered, next.data(), next.size());
      gathered += next.size();
      reader.Consume(next.size());
    }
    if (!WriteRecords({scratch_.plain.data(), gathered})) break;
    taken += gathered;
  }
  return AfterWriting(taken, more_follows);
}

Moved TlsTransport::SendFile(int file, std::uint64_t offset, std::size_t bytes) {
  if (failed_) return {Outcome::kError};
  if (const Outcome flushed = wire_.Flush(); flushed != Outcome::kSome) return {flushed};
  std::vector<char>& room = scratch_.plain;
  ssize_t got = 0;
  do got = ::pread(file, room.data(), std::min(bytes, room.size()), static_cast<off_t>(offset));
  while (got < 0 && errno == EINTR);
  if (got <= 0) return {got == 0 ? Outcome::kEnd : Outcome::kError};
  const auto read = static_cast<std::size_t>(got);
  WriteRecords(std::span<const char>(room).first(read));
  return AfterWriting(read, false);
}

// --- the end ----------------------------------------------------------------------------------------

/// RFC 8446 §6.1. Only behind everything that was taken; a client that has no room for that misses it.
void TlsTransport::SayGoodbye() {
  if (!shaken_ || failed_ || wire_.Flush() != Outcome::kSome) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  wire_.Flush();
}

void TlsTransport::FinishSending() {
  SayGoodbye();
  wire_.StopSending();
  wire_.socket().FinishSending();
}

void TlsTransport::Close() {
  SayGoodbye();
  wire_.socket().Close();
}

void TlsTransport::Abort() {
  failed_ = true;
  wire_.socket().Abort();
}

}  // namespace portal::net
