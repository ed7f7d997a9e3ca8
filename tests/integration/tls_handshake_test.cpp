#include <map>
#include <optional>
#include <thread>

#include "tls_fixture.h"

namespace portal::testing {
namespace {

using net::Handshake;

struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

constexpr int kAlertHandshakeFailure = SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE;

class TlsHandshake : public TlsFixture {
 protected:
  /// Connects, with `session` if there is one, and takes the ticket that comes with it.
  Session TakeTicket(int version, std::size_t loop = 0, SSL_SESSION* session = nullptr) {
    Client::Options options;
    options.session = session;
    options.min_version = options.max_version = version;
    Connection connection = Connect(options, loop);
    connection.client->CarryIn();
    connection.client->Read();
    Session ticket(SSL_get1_session(connection.client->ssl()));
    connection.client->SayGoodbye();  // or OpenSSL would forget the session
    EXPECT_EQ(SSL_SESSION_is_resumable(ticket.get()), 1);
    return ticket;
  }

  bool Resumes(SSL_SESSION* session, std::size_t loop = 0) {
    Client::Options options;
    options.min_version = options.max_version = SSL_SESSION_get_protocol_version(session);
    options.session = session;
    Connection connection = Connect(options, loop);
    ExpectAlive(connection);
    connection.client->SayGoodbye();
    EXPECT_EQ(connection.server->IsResumed(), SSL_session_reused(connection.client->ssl()) == 1);
    return connection.server->IsResumed();
  }
};

TEST_F(TlsHandshake, TakesVersions12And13Only) {
  const struct {
    int version;
    bool taken;
  } cases[] = {{TLS1_VERSION, false}, {TLS1_1_VERSION, false}, {TLS1_2_VERSION, true}, {TLS1_3_VERSION, true}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.version);
    Client::Options options;
    options.min_version = options.max_version = c.version;
    Connection connection = Open(options);
    ASSERT_EQ(Shake(connection), c.taken ? Handshake::kDone : Handshake::kError);
    if (c.taken) {
      EXPECT_EQ(SSL_version(connection.client->ssl()), c.version);
      EXPECT_FALSE(connection.server->IsResumed());
      ExpectAlive(connection);
    } else {
      EXPECT_EQ(connection.client->failure(), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
    }
  }
}

TEST_F(TlsHandshake, TakesForwardSecrecyWithAuthenticatedEncryptionOnly) {
  const struct {
    Certificate::Kind kind;
    std::string offered;
    std::string chosen;  ///< empty: refused
  } cases[] = {
      {Certificate::Kind::kEcdsa, "ALL", "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {Certificate::Kind::kRsa, "ALL", "ECDHE-RSA-AES128-GCM-SHA256"},
      {Certificate::Kind::kEcdsa, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
       "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {Certificate::Kind::kEcdsa, "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
      {Certificate::Kind::kEcdsa, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256",
       "ECDHE-ECDSA-CHACHA20-POLY1305"},
      {Certificate::Kind::kEcdsa, "ECDHE-ECDSA-AES128-SHA256", ""},
      {Certificate::Kind::kEcdsa, "ECDHE-ECDSA-AES128-SHA", ""},
      {Certificate::Kind::kEcdsa, "ECDHE-ECDSA-AES128-CCM", ""},
      {Certificate::Kind::kEcdsa, "ECDHE-RSA-AES128-GCM-SHA256", ""},  // there is no RSA key
      {Certificate::Kind::kRsa, "AES128-GCM-SHA256", ""},              // no forward secrecy
      {Certificate::Kind::kRsa, "DHE-RSA-AES128-GCM-SHA256", ""},
      {Certificate::Kind::kRsa, "ADH-AES128-GCM-SHA256", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.offered);
    Certificate::Options kind;
    kind.kind = c.kind;
    context_ = Load(Certificate(kind));
    Client::Options options;
    options.max_version = TLS1_2_VERSION;
    options.ciphers_12 = c.offered;
    Connection connection = Open(options);
    ASSERT_EQ(Shake(connection), c.chosen.empty() ? Handshake::kError : Handshake::kDone);
    if (c.chosen.empty()) {
      EXPECT_EQ(connection.client->failure(), kAlertHandshakeFailure);
    } else {
      EXPECT_EQ(SSL_get_cipher_name(connection.client->ssl()), c.chosen);
    }
  }
}

TEST_F(TlsHandshake, PrefersAes128UnlessTheClientPrefersChaCha) {
  const struct {
    std::string offered;
    std::string chosen;
  } cases[] = {
      {"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"},
      {"TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"},
      {"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"},
  };
  for (const auto& c : cases) {
    Client::Options options;
    options.ciphers_13 = c.offered;
    Connection connection = Connect(options);
    EXPECT_EQ(SSL_get_cipher_name(connection.client->ssl()), c.chosen) << c.offered;
  }
}

TEST_F(TlsHandshake, SpeaksHttp11AndTellsAClientThatDoesNot) {
  const struct {
    std::vector<std::string> offered;
    std::optional<std::string> chosen;
  } cases[] = {
      {{}, ""},
      {{"http/1.1"}, "http/1.1"},
      {{"h2", "http/1.1"}, "http/1.1"},
      {{"h2"}, std::nullopt},
      {{"http/1.0", "http/1.1x", "ttp/1.1"}, std::nullopt},
  };
  for (const auto& c : cases) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      SCOPED_TRACE(c.offered.empty() ? "" : c.offered[0]);
      Client::Options options;
      options.min_version = options.max_version = version;
      options.protocols = c.offered;
      Connection connection = Open(options);
      ASSERT_EQ(Shake(connection), c.chosen ? Handshake::kDone : Handshake::kError);
      if (!c.chosen) {
        EXPECT_EQ(connection.client->failure(), SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
        continue;
      }
      const unsigned char* chosen = nullptr;
      unsigned size = 0;
      SSL_get0_alpn_selected(connection.client->ssl(), &chosen, &size);
      EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), *c.chosen);
    }
  }
}

TEST_F(TlsHandshake, GoesOnWhereverTheBytesAreCut) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client::Options options;
    options.min_version = options.max_version = version;
    Connection connection = Open(options);
    ASSERT_EQ(Shake(connection, 1), Handshake::kDone) << version;
    ExpectAlive(connection);
  }
}

TEST_F(TlsHandshake, WaitsForAClientThatTakesNothing) {
  Client::Options options;
  options.max_version = TLS1_2_VERSION;
  Connection connection = Open(options, 0, 1);
  std::string filler(1024, 'x');
  EXPECT_EQ(connection.client->Shake(), Client::Step::kAgain);
  connection.client->CarryOut();
  // The kernel has no room for the server's part: it is kept until there is some.
  while (::send(connection.server->fd(), filler.data(), filler.size(), MSG_NOSIGNAL) > 0) continue;
  EXPECT_EQ(connection.server->Shake(), Handshake::kBlock);
  EXPECT_EQ(connection.server->Flush().outcome, Outcome::kBlock);
  while (::recv(connection.client->fd().get(), filler.data(), filler.size(), 0) > 0) continue;
  EXPECT_EQ(Shake(connection), Handshake::kDone);
  ExpectAlive(connection);
}

TEST_F(TlsHandshake, ReceivesWhatCameWithItsLastBytes) {
  Connection connection = Open();
  connection.client->Shake();
  connection.client->CarryOut();
  EXPECT_EQ(connection.server->Shake(), Handshake::kBlock);
  connection.client->CarryIn();
  ASSERT_EQ(connection.client->Shake(), Client::Step::kDone);
  connection.client->Write("GET / HTTP/1.1\r\n");
  connection.client->CarryOut();
  ASSERT_EQ(connection.server->Shake(), Handshake::kDone);
  std::array<char, 100> room;
  const net::Moved moved = connection.server->Receive(room);
  ASSERT_EQ(moved.outcome, Outcome::kSome);
  EXPECT_TRUE(moved.drained);
  EXPECT_EQ(std::string_view(room.data(), moved.bytes), "GET / HTTP/1.1\r\n");
}

TEST_F(TlsHandshake, IsSparedAClientThatComesBack) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SCOPED_TRACE(version);
    const Session ticket = TakeTicket(version, 0);
    EXPECT_TRUE(Resumes(ticket.get(), 0));
    EXPECT_TRUE(Resumes(ticket.get(), 1));  // with another event loop
  }
}

TEST_F(TlsHandshake, GivesANewTicketForEachThatIsUsedIn13) {
  const auto bytes_of = [](SSL_SESSION* session) {
    const unsigned char* bytes = nullptr;
    std::size_t size = 0;
    SSL_SESSION_get0_ticket(session, &bytes, &size);
    return std::string(reinterpret_cast<const char*>(bytes), size);
  };
  const Session first = TakeTicket(TLS1_3_VERSION);
  const Session second = TakeTicket(TLS1_3_VERSION, 0, first.get());
  EXPECT_NE(bytes_of(first.get()), bytes_of(second.get()));
  EXPECT_TRUE(Resumes(second.get()));
}

TEST_F(TlsHandshake, ForgetsAClientWhoseTicketKeyIsGone) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SCOPED_TRACE(version);
    const Session ticket = TakeTicket(version);
    clock_.Advance(net::TlsTicketKeys::kRotation);
    EXPECT_TRUE(Resumes(ticket.get()));
    clock_.Advance(net::TlsTicketKeys::kTicketLifetime);
    EXPECT_FALSE(Resumes(ticket.get()));
  }
}

TEST_F(TlsHandshake, GivesOneTicketWithTheLifetimeOfItsKey) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Session ticket = TakeTicket(version);
    EXPECT_EQ(std::chrono::seconds(SSL_SESSION_get_ticket_lifetime_hint(ticket.get())),
              std::chrono::seconds(net::TlsTicketKeys::kTicketLifetime));
    EXPECT_EQ(SSL_SESSION_get_max_early_data(ticket.get()), 0u);
  }
}

TEST_F(TlsHandshake, LeavesPlainBytesUntouched) {
  const struct {
    std::string name;
    std::string sent;
    Handshake outcome;
  } cases[] = {
      {"nothing yet", "", Handshake::kBlock},
      {"HTTP", "GET / HTTP/1.1\r\nHost: t\r\n\r\n", Handshake::kPlainText},
      {"one letter", "G", Handshake::kPlainText},
      {"a method in lower case", "get / HTTP/1.1\r\n", Handshake::kPlainText},
      {"an alert", std::string("\x15\x03\x03\x00\x02\x02\x28", 7), Handshake::kError},
      {"SSL 2", std::string("\x80\x2e\x01\x00\x02", 5), Handshake::kError},
      {"a zero", std::string(1, '\0'), Handshake::kError},
      {"a record of another kind", std::string("\x17\x03\x03\x00\x01x", 6), Handshake::kError},
      {"a handshake that is none", std::string("\x16\x03\x01\x00\x04\xff\xff\xff\xff", 9), Handshake::kError},
      {"half a record", std::string("\x16\x03\x01", 3), Handshake::kBlock},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Connection connection = Open();
    const int peer = connection.client->fd().get();
    ASSERT_EQ(::send(peer, c.sent.data(), c.sent.size(), 0), static_cast<ssize_t>(c.sent.size()));
    EXPECT_EQ(connection.server->Shake(), c.outcome);
    EXPECT_TRUE(connection.server->IsSecure());
    if (c.outcome != Handshake::kPlainText) continue;
    const auto plain = connection.server->TakePlain();
    EXPECT_EQ(connection.server->fd(), -1);
    EXPECT_FALSE(plain->IsSecure());
    std::array<char, 100> room;
    const net::Moved moved = plain->Receive(room);
    EXPECT_EQ(std::string_view(room.data(), moved.bytes), c.sent);
    plain->Close();
    EXPECT_EQ(::recv(peer, room.data(), room.size(), 0), 0);
  }
}

TEST_F(TlsHandshake, EndsWithAClientThatGoes) {
  Connection never = Open();
  never.client->fd().Reset();
  EXPECT_EQ(never.server->Shake(), Handshake::kError);

  Connection half_way = Open();
  half_way.client->Shake();
  half_way.client->CarryOut(100);
  EXPECT_EQ(half_way.server->Shake(), Handshake::kBlock);
  half_way.client->fd().Reset();
  EXPECT_EQ(half_way.server->Shake(), Handshake::kError);
}

TEST_F(TlsHandshake, TakesNoMoreOfAnEndlessGreetingThan32KiB) {
  // RFC 8446 lets a ClientHello have 16 MiB, and OpenSSL collects 128 KiB; this one says 100,000 bytes.
  std::string record("\x16\x03\x01\x40\x00", 5);
  record.append(16 * 1024, 'x');
  std::string hello = record;
  const std::string head("\x01\x01\x86\xa0\x03\x03", 6);
  hello.replace(5, head.size(), head);
  Connection connection = Open();
  std::size_t sent = 0;
  Handshake outcome = Handshake::kBlock;
  for (int i = 0; i < 6 && outcome == Handshake::kBlock; ++i) {
    const std::string& next = i == 0 ? hello : record;
    ASSERT_EQ(::send(connection.client->fd().get(), next.data(), next.size(), 0), static_cast<ssize_t>(next.size()));
    sent += next.size();
    outcome = connection.server->Shake();
  }
  EXPECT_EQ(outcome, Handshake::kError);
  EXPECT_LE(sent, 3 * record.size());
}

TEST_F(TlsHandshake, ANewCertificateIsForNewConnections) {
  Connection before = Connect();
  Certificate::Options options;
  options.name = "renewed.example.com";
  const Session ticket = TakeTicket(TLS1_3_VERSION);
  context_ = Load(Certificate(options));
  ExpectAlive(before);
  Connection after = Connect();
  ExpectAlive(after);
  const net::TlsPointer<X509> seen(SSL_get1_peer_certificate(after.client->ssl()));
  std::array<char, 64> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(seen.get()), NID_commonName, name.data(), name.size());
  EXPECT_STREQ(name.data(), "renewed.example.com");
  EXPECT_TRUE(Resumes(ticket.get()));  // tickets outlive a certificate
  ExpectAlive(before);
}

TEST_F(TlsHandshake, LoopsShareTicketKeysWhileTheCertificateIsReplaced) {
  const auto first = context_;
  std::array<std::thread, 2> loops;
  for (std::size_t loop = 0; loop < loops.size(); ++loop) {
    loops[loop] = std::thread([&, loop] {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(Resumes(TakeTicket(TLS1_3_VERSION, loop).get(), loop));
    });
  }
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(std::chrono::minutes(7));
    EXPECT_NE(Load(certificate_), first);
  }
  for (auto& loop : loops) loop.join();
}

}  // namespace
}  // namespace portal::testing
