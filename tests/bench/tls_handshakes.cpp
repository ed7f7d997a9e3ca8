// New TLS 1.3 connections a second to a server on 127.0.0.1: connect, shake hands, ask for health once, read to the
// end, close. Prints {"connections":N,"seconds":S}; any failure ends the program with exit code 1.
// usage: tls_handshakes PORT full|resumed SECONDS THREADS CIPHERSUITE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kRequest = "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

struct Freer {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
template <typename T>
using Owned = std::unique_ptr<T, Freer>;

[[noreturn]] void Fail(const std::string& what) {
  char reason[256];
  ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
  throw std::runtime_error(what + ": " + reason);
}

/// One client of many: a thread uses it alone.
class Client {
 public:
  /// `number` gives each client a source address of its own, so that none runs out of ports.
  Client(in_port_t port, bool resume, const char* ciphersuite, std::size_t number)
      : context_(SSL_CTX_new(TLS_client_method())), resume_(resume) {
    server_.sin_family = source_.sin_family = AF_INET;
    server_.sin_port = htons(port);
    server_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    source_.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<in_addr_t>(number));
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
    if (SSL_CTX_set_ciphersuites(context_.get(), ciphersuite) != 1) Fail("the cipher suite");
    // Tickets come after the handshake, and each is used once (RFC 8446 §C.4).
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* connection, SSL_SESSION* session) {
      static_cast<Client*>(SSL_get_app_data(connection))->ticket_.reset(session);
      return 1;
    });
  }

  void ConnectOnce() {
    const portal::base::UniqueFd fd = Connect();
    const Owned<SSL> connection(SSL_new(context_.get()));
    SSL_set_app_data(connection.get(), this);
    SSL_set_fd(connection.get(), fd.get());
    const bool resuming = resume_ && ticket_;
    if (resuming) SSL_set_session(connection.get(), ticket_.get());
    ticket_.reset();
    if (SSL_connect(connection.get()) != 1) Fail("the handshake");
    if (resuming != (SSL_session_reused(connection.get()) == 1)) throw std::runtime_error("the ticket was not taken");
    Ask(connection.get());
    if (resume_ && !ticket_) throw std::runtime_error("the server gave no ticket");
  }

 private:
  portal::base::UniqueFd Connect() const {
    portal::base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&source_), sizeof source_) != 0 ||
        ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&server_), sizeof server_) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
    return fd;
  }

  static void Ask(SSL* connection) {
    if (SSL_write(connection, kRequest.data(), static_cast<int>(kRequest.size())) <= 0) Fail("the request");
    std::string answer;
    char bytes[4096];
    int read;
    while ((read = SSL_read(connection, bytes, sizeof bytes)) > 0) answer.append(bytes, static_cast<std::size_t>(read));
    if (SSL_get_error(connection, read) != SSL_ERROR_ZERO_RETURN) Fail("the answer's end");
    SSL_set_shutdown(connection, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // else OpenSSL spoils the ticket
    if (!answer.starts_with("HTTP/1.1 200 ")) throw std::runtime_error("not a 200: " + answer.substr(0, 200));
  }

  Owned<SSL_CTX> context_;
  Owned<SSL_SESSION> ticket_;
  sockaddr_in server_{};
  sockaddr_in source_{};
  bool resume_;
};

int Measure(in_port_t port, bool resume, int seconds, std::size_t threads, const char* ciphersuite) {
  std::atomic<long> connections = 0;
  std::atomic<bool> failed = false;
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(seconds);
  const auto work = [&](std::size_t number) {
    try {
      Client client(port, resume, ciphersuite, number);
      for (; Clock::now() < end && !failed; ++connections) client.ConnectOnce();
    } catch (const std::exception& error) {
      failed = true;
      std::fprintf(stderr, "tls_handshakes: %s\n", error.what());
    }
  };
  std::vector<std::thread> clients;
  for (std::size_t number = 0; number < threads; ++number) clients.emplace_back(work, number);
  for (std::thread& client : clients) client.join();
  const std::chrono::duration<double> took = Clock::now() - start;
  std::printf("{\"connections\":%ld,\"seconds\":%.6f}\n", connections.load(), took.count());
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view kind = argc == 6 ? argv[2] : "";
  if (kind != "full" && kind != "resumed") {
    std::fputs("usage: tls_handshakes PORT full|resumed SECONDS THREADS CIPHERSUITE\n", stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  return Measure(static_cast<in_port_t>(std::stoi(argv[1])), kind == "resumed", std::stoi(argv[3]),
                 static_cast<std::size_t>(std::stoul(argv[4])), argv[5]);
}
