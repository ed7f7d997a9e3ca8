#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "net/tls_transport.h"
#include "support/certificate.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::testing {

/// OpenSSL as a client, over memory: what it says is carried to the socket, and what comes back to it, by calls of
/// the test, as many bytes at a time as the test likes.
class TlsClient {
 public:
  struct Options {
    int min_version = TLS1_2_VERSION;
    int max_version = TLS1_3_VERSION;
    std::string ciphers_12;  ///< OpenSSL's defaults when empty
    std::string ciphers_13;
    std::vector<std::string> protocols;  ///< ALPN
    SSL_SESSION* session = nullptr;      ///< to resume
  };

  TlsClient(base::UniqueFd fd, const Options& options)
      : fd_(std::move(fd)), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);  // it may offer what the server must refuse
    SSL_CTX_set_min_proto_version(context_.get(), options.min_version);
    SSL_CTX_set_max_proto_version(context_.get(), options.max_version);
    const std::string ciphers_12 = options.ciphers_12.empty() ? "ALL" : options.ciphers_12;
    Check(SSL_CTX_set_cipher_list(context_.get(), ciphers_12.c_str()));
    if (!options.ciphers_13.empty()) Check(SSL_CTX_set_ciphersuites(context_.get(), options.ciphers_13.c_str()));
    ssl_.reset(SSL_new(context_.get()));
    std::string protocols;
    for (const auto& name : options.protocols) protocols += static_cast<char>(name.size()) + name;
    if (!protocols.empty()) {
      Check(SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size())) == 0);
    }
    if (options.session) Check(SSL_set_session(ssl_.get(), options.session));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
  }

  enum class Step { kDone, kAgain, kFailed };
  Step Shake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return Step::kDone;
    if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return Step::kAgain;
    failure_ = ERR_GET_REASON(ERR_peek_last_error());
    return Step::kFailed;
  }

  /// Carries up to `most` bytes each way. How many it were.
  std::size_t Carry(std::size_t most = 1 << 20) { return CarryOut(most) + CarryIn(most); }

  std::size_t CarryOut(std::size_t most = 1 << 20) {
    BIO* written = SSL_get_wbio(ssl_.get());
    std::string fresh(BIO_ctrl_pending(written), '\0');
    if (!fresh.empty()) BIO_read(written, fresh.data(), static_cast<int>(fresh.size()));
    const std::string out = std::exchange(unsent_, {}) + fresh;
    const ssize_t sent = ::send(fd_.get(), out.data(), std::min(out.size(), most), MSG_NOSIGNAL | MSG_DONTWAIT);
    unsent_ = out.substr(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }

  std::size_t CarryIn(std::size_t most = 1 << 20) {
    std::string in(most, '\0');
    const ssize_t got = ::recv(fd_.get(), in.data(), in.size(), MSG_DONTWAIT);
    if (got == 0) ended_ = true;
    if (got <= 0) return 0;
    BIO_write(SSL_get_rbio(ssl_.get()), in.data(), static_cast<int>(got));
    return static_cast<std::size_t>(got);
  }

  /// Everything that can be decrypted of what was carried in.
  std::string Read() {
    std::string text;
    std::array<char, 16 * 1024> some;
    std::size_t got = 0;
    ERR_clear_error();
    while (SSL_read_ex(ssl_.get(), some.data(), some.size(), &got) == 1) text.append(some.data(), got);
    const int error = SSL_get_error(ssl_.get(), 0);
    if (error == SSL_ERROR_SSL) failure_ = ERR_GET_REASON(ERR_peek_last_error());
    return text;
  }

  void Write(std::string_view text) {
    std::size_t written = 0;
    Check(SSL_write_ex(ssl_.get(), text.data(), text.size(), &written));
  }

  void SayGoodbye() { SSL_shutdown(ssl_.get()); }
  bool WasToldGoodbye() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  bool ended() const { return ended_; }
  /// The reason of the last failure, as ERR_GET_REASON tells it: an alert is 1000 and its number.
  int failure() const { return failure_; }
  std::size_t unsent() const { return unsent_.size(); }
  SSL* ssl() { return ssl_.get(); }
  base::UniqueFd& fd() { return fd_; }

 private:
  static void Check(bool done) {
    if (!done) throw std::runtime_error("the client's OpenSSL refuses");
  }

  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  base::UniqueFd fd_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  net::TlsPointer<SSL> ssl_;
  std::string unsent_;
  bool ended_ = false;
  int failure_ = 0;
};

/// Bytes whose value tells where they belong.
inline std::string PatternText(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761u) >> 13);
  return bytes;
}

class TlsFixture : public ::testing::Test {
 protected:
  using Outcome = net::Moved::Outcome;
  using Client = TlsClient;

  struct Connection {
    std::unique_ptr<TlsClient> client;
    std::unique_ptr<net::TlsTransport> server;
  };

  struct Sockets {
    base::UniqueFd client;
    base::UniqueFd server;
  };

  /// Two ends of one stream, neither of which blocks. `buffer` 0: the kernel's default.
  static Sockets NewSockets(int buffer = 0) {
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0) {
      throw std::runtime_error("socketpair");
    }
    if (buffer > 0) {
      for (const int fd : fds) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    }
    return {base::UniqueFd(fds[0]), base::UniqueFd(fds[1])};
  }

  std::shared_ptr<const net::TlsContext> Load(const Certificate& certificate) {
    certificate.WriteTo(folder_.path());
    auto context = net::TlsContext::Load(folder_.path() / "cert.pem", folder_.path() / "key.pem", libraries_,
                                         ticket_keys_, clock_);
    if (!context) throw std::runtime_error(context.error().detail);
    return *std::move(context);
  }

  Connection Open(const TlsClient::Options& options = {}, std::size_t loop = 0, int buffer = 0) {
    Sockets sockets = NewSockets(buffer);
    return {
        std::make_unique<TlsClient>(std::move(sockets.client), options),
        std::make_unique<net::TlsTransport>(net::Socket(std::move(sockets.server)), context_, loop, scratch_[loop])};
  }

  /// Both ends in turn until both are done, or the server has failed and the client has heard why.
  static net::Handshake Shake(Connection& c, std::size_t bytes_at_a_time = 1 << 20) {
    net::Handshake server = net::Handshake::kBlock;
    auto client = TlsClient::Step::kAgain;
    for (int round = 0; round < 100'000; ++round) {
      if (client == TlsClient::Step::kAgain) client = c.client->Shake();
      const std::size_t sent = c.client->CarryOut(bytes_at_a_time);
      if (server == net::Handshake::kBlock) server = c.server->Shake();
      const std::size_t got = c.client->CarryIn(bytes_at_a_time);
      if (sent + got > 0) continue;
      if (server != net::Handshake::kBlock) {
        if (client == TlsClient::Step::kAgain) client = c.client->Shake();
        break;
      }
    }
    if (client != TlsClient::Step::kDone && server == net::Handshake::kDone) return net::Handshake::kBlock;
    return server;
  }

  /// A connection that stands.
  Connection Connect(const TlsClient::Options& options = {}, std::size_t loop = 0, int buffer = 0) {
    Connection connection = Open(options, loop, buffer);
    EXPECT_EQ(Shake(connection), net::Handshake::kDone) << "failure " << connection.client->failure();
    return connection;
  }

  static net::Moved Send(net::TlsTransport& server, std::string_view text, bool more_follows = false) {
    const iovec part{const_cast<char*>(text.data()), text.size()};
    return server.Send({&part, 1}, more_follows);
  }

  /// What the server receives until there is no more, and how that ended.
  static std::pair<std::string, Outcome> ReceiveAll(net::TlsTransport& server) {
    std::pair<std::string, Outcome> received;
    std::vector<char> room(64 * 1024);
    while (true) {
      const net::Moved moved = server.Receive(room);
      received.second = moved.outcome;
      if (moved.outcome != Outcome::kSome) return received;
      received.first.append(room.data(), moved.bytes);
    }
  }

  /// A line each way.
  static void ExpectAlive(Connection& c) {
    c.client->Write("ping");
    c.client->CarryOut();
    EXPECT_EQ(ReceiveAll(*c.server), std::pair(std::string("ping"), Outcome::kBlock));
    EXPECT_EQ(Send(*c.server, "pong").bytes, 4u);
    c.client->CarryIn();
    EXPECT_EQ(c.client->Read(), "pong");
  }

  TempFolder folder_;
  ManualClock clock_;
  std::shared_ptr<const net::TlsLibraries> libraries_ = std::make_shared<net::TlsLibraries>(2);
  std::shared_ptr<net::TlsTicketKeys> ticket_keys_ = std::make_shared<net::TlsTicketKeys>(clock_);
  Certificate certificate_;
  std::shared_ptr<const net::TlsContext> context_ = Load(certificate_);
  std::array<net::TlsScratch, 2> scratch_;
};

}  // namespace portal::testing
