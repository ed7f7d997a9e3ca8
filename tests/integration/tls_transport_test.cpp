#include <fstream>

#include "tls_fixture.h"

namespace portal::testing {
namespace {

using net::Moved;

constexpr std::size_t kRecordBytes = 16 * 1024;
constexpr int kSmallBuffer = 8 * 1024;

class TlsTransport : public TlsFixture {
 protected:
  base::UniqueFd FileOf(const std::string& content) {
    WriteFile(folder_.path() / "file", content);
    return base::UniqueFd(::open((folder_.path() / "file").c_str(), O_RDONLY | O_CLOEXEC));
  }

  /// The sizes of the records that have come for the client: what they hold in TLS 1.3 without the 17 bytes that
  /// encryption adds.
  static std::vector<std::size_t> RecordSizes(Connection& c) {
    std::string bytes(1 << 20, '\0');
    const ssize_t got = ::recv(c.client->fd().get(), bytes.data(), bytes.size(), 0);
    std::vector<std::size_t> sizes;
    for (std::size_t at = 0; at + 5 <= static_cast<std::size_t>(got);) {
      const std::size_t size =
          static_cast<unsigned char>(bytes[at + 3]) << 8 | static_cast<unsigned char>(bytes[at + 4]);
      sizes.push_back(size - 17);
      at += 5 + size;
    }
    return sizes;
  }

  /// Without the tickets that come behind a handshake of TLS 1.3.
  Connection ConnectAndRead(int buffer = 0) {
    Connection connection = Connect({}, 0, buffer);
    connection.client->CarryIn();
    connection.client->Read();
    return connection;
  }
};

TEST_F(TlsTransport, ASmallAnswerOfSeveralPartsIsOneRecord) {
  Connection c = ConnectAndRead();
  std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  std::string empty;
  std::string body = "{\"status\":\"healthy\"}";
  const iovec parts[] = {{head.data(), head.size()}, {empty.data(), 0}, {body.data(), body.size()}, {empty.data(), 0}};
  const Moved moved = c.server->Send(parts, false);
  EXPECT_EQ(moved.outcome, Outcome::kSome);
  EXPECT_EQ(moved.bytes, head.size() + body.size());
  EXPECT_EQ(RecordSizes(c), std::vector<std::size_t>{head.size() + body.size()});
}

TEST_F(TlsTransport, ALargeAnswerFillsItsRecords) {
  struct Case {
    std::size_t head;
    std::size_t body;
    std::vector<std::size_t> records;  ///< of one call
  };
  const std::size_t full = kRecordBytes;
  const Case cases[] = {
      {300, 16084, {full}},
      {300, 16085, {full, 1}},
      {300, 40'000, {full, full, 300 + 40'000 - 2 * full}},
      {0, full, {full}},
      {0, full + 1, {full, 1}},
      {300, 1 << 20, {full, full, full, full}},
      {20'000, 20'000, {full, full, 40'000 - 2 * full}},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(std::to_string(test.head) + " and " + std::to_string(test.body));
    Connection c = ConnectAndRead();
    std::string head(test.head, 'h');
    std::string body = PatternText(test.body);
    const iovec parts[] = {{head.data(), head.size()}, {body.data(), body.size()}};
    const Moved moved = c.server->Send(parts, false);
    ASSERT_EQ(moved.outcome, Outcome::kSome);
    EXPECT_EQ(moved.bytes, std::min(head.size() + body.size(), net::TlsScratch::kPlainBytes));
    EXPECT_EQ(RecordSizes(c), test.records);
  }
}

TEST_F(TlsTransport, ASlowReaderGetsEveryByteAndHoldsLittle) {
  Connection c = ConnectAndRead(kSmallBuffer);
  const std::string content = PatternText(3 << 20);
  std::string got;
  std::size_t sent = 0;
  std::size_t blocked = 0;
  while (got.size() < content.size()) {
    const Moved moved =
        sent < content.size() ? Send(*c.server, std::string_view(content).substr(sent)) : c.server->Flush();
    ASSERT_NE(moved.outcome, Outcome::kError);
    if (moved.outcome == Outcome::kBlock) {
      ++blocked;
      EXPECT_GT(c.server->Unconfirmed(), 0u);
    }
    sent += moved.bytes;
    EXPECT_LE(c.server->Unconfirmed(), 3 * net::TlsScratch::kPlainBytes);
    c.client->CarryIn(3000);
    got += c.client->Read();
  }
  EXPECT_GT(blocked, 100u);
  EXPECT_EQ(got, content);
  EXPECT_EQ(c.server->Flush().outcome, Outcome::kSome);
  EXPECT_EQ(c.server->Unconfirmed(), 0u);
}

TEST_F(TlsTransport, ReceivesWhateverTheClientCutsItInto) {
  const std::string content = PatternText(2 << 20);
  for (const std::size_t at_a_time : {std::size_t{1} << 20, std::size_t{4097}, std::size_t{777}}) {
    Connection c = ConnectAndRead();
    c.client->Write(content);
    std::string got;
    while (got.size() < content.size()) {
      ASSERT_GT(c.client->CarryOut(at_a_time), 0u);
      const auto [some, outcome] = ReceiveAll(*c.server);
      ASSERT_EQ(outcome, Outcome::kBlock);
      got += some;
    }
    EXPECT_EQ(got, content);
  }
}

TEST_F(TlsTransport, KnowsOfARecordThatIsYetToBeWhole) {
  Connection c = ConnectAndRead();
  EXPECT_FALSE(c.server->HasPartialInput());
  c.client->Write("GET / HTTP/1.1");
  std::array<char, 64> room;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(c.client->CarryOut(1), 1u);
    ASSERT_EQ(c.server->Receive(room).outcome, Outcome::kBlock);
    EXPECT_TRUE(c.server->HasPartialInput()) << i;
  }
  c.client->CarryOut();
  EXPECT_EQ(c.server->Receive(room).bytes, 14u);
  EXPECT_FALSE(c.server->HasPartialInput());
}

TEST_F(TlsTransport, SaysDrainedOnlyWhenNothingIsLeft) {
  Connection c = ConnectAndRead();
  std::array<char, 3> room;
  c.client->Write("123456");
  c.client->Write("78");
  c.client->CarryOut();
  std::string got;
  for (const bool drained : {false, false, true}) {
    const Moved moved = c.server->Receive(room);
    ASSERT_EQ(moved.outcome, Outcome::kSome);
    EXPECT_EQ(moved.drained, drained) << got;
    got.append(room.data(), moved.bytes);
  }
  EXPECT_EQ(got, "12345678");
  EXPECT_EQ(c.server->Receive(room).outcome, Outcome::kBlock);
}

TEST_F(TlsTransport, SendsAFileAsItIs) {
  const std::string content = PatternText(1'000'003);
  const base::UniqueFd file = FileOf(content);
  Connection c = ConnectAndRead(kSmallBuffer);
  const std::size_t start = 17;
  std::string got;
  std::size_t sent = start;
  while (got.size() < content.size() - start) {
    const Moved moved =
        sent < content.size() ? c.server->SendFile(file.get(), sent, content.size() - sent) : c.server->Flush();
    ASSERT_NE(moved.outcome, Outcome::kError);
    sent += moved.bytes;
    c.client->CarryIn();
    got += c.client->Read();
  }
  EXPECT_TRUE(got == content.substr(start));
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 0);
}

TEST_F(TlsTransport, SendsNoMoreOfAFileThanAskedForAndTellsItsEnd) {
  const base::UniqueFd file = FileOf("0123456789");
  Connection c = ConnectAndRead();
  EXPECT_EQ(c.server->SendFile(file.get(), 2, 3).bytes, 3u);
  c.client->CarryIn();
  EXPECT_EQ(c.client->Read(), "234");
  EXPECT_EQ(c.server->SendFile(file.get(), 10, 5).outcome, Outcome::kEnd);
  EXPECT_EQ(c.server->SendFile(-1, 0, 5).outcome, Outcome::kError);
}

TEST_F(TlsTransport, ClosesWithAGoodbye) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client::Options options;
    options.min_version = options.max_version = version;
    Connection c = Connect(options);
    Send(*c.server, "the end");
    c.server->Close();
    EXPECT_EQ(c.server->fd(), -1);
    c.client->CarryIn();
    EXPECT_EQ(c.client->Read(), "the end");
    EXPECT_TRUE(c.client->WasToldGoodbye());
    c.client->CarryIn();
    EXPECT_TRUE(c.client->ended());
    c.server->Close();  // a second time is nothing
  }
}

TEST_F(TlsTransport, FinishesSendingAndReadsOn) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client::Options options;
    options.min_version = options.max_version = version;
    Connection c = Connect(options);
    c.server->FinishSending();
    c.client->CarryIn();
    c.client->Read();
    EXPECT_TRUE(c.client->WasToldGoodbye());
    c.client->CarryIn();
    EXPECT_TRUE(c.client->ended());
    c.client->Write("too late");
    c.client->CarryOut();
    EXPECT_EQ(ReceiveAll(*c.server), std::pair(std::string("too late"), Outcome::kBlock));
    c.client->fd().Reset();
    EXPECT_EQ(ReceiveAll(*c.server).second, Outcome::kEnd);
  }
}

TEST_F(TlsTransport, AbortsWithoutAWord) {
  Connection c = ConnectAndRead();
  c.server->Abort();
  EXPECT_EQ(c.server->fd(), -1);
  c.server->Close();
  c.client->CarryIn();
  c.client->Read();
  EXPECT_FALSE(c.client->WasToldGoodbye());
  EXPECT_TRUE(c.client->ended());
}

TEST_F(TlsTransport, AClientsEndIsAnEndWithOrWithoutAGoodbye) {
  for (const bool goodbye : {true, false}) {
    SCOPED_TRACE(goodbye);
    Connection c = ConnectAndRead();
    c.client->Write("the last request");
    if (goodbye) c.client->SayGoodbye();
    c.client->CarryOut();
    ::shutdown(c.client->fd().get(), SHUT_WR);
    EXPECT_EQ(ReceiveAll(*c.server), std::pair(std::string("the last request"), Outcome::kEnd));
    // It has finished sending, and still wants its answer.
    EXPECT_EQ(Send(*c.server, "its answer").outcome, Outcome::kSome);
    c.client->CarryIn();
    EXPECT_EQ(c.client->Read(), "its answer");
  }
}

TEST_F(TlsTransport, AClientThatIsGoneIsAnError) {
  Connection c = ConnectAndRead();
  c.client->fd().Reset();
  EXPECT_EQ(Send(*c.server, "nobody hears this").outcome, Outcome::kError);
  EXPECT_EQ(Send(*c.server, "nor this").outcome, Outcome::kError);
  std::array<char, 10> room;
  EXPECT_EQ(c.server->Receive(room).outcome, Outcome::kError);
  c.server->Close();
}

TEST_F(TlsTransport, TellsWhyItRefusesGarbage) {
  const struct {
    std::string name;
    std::string bytes;
    int alert;
  } cases[] = {
      {"a record nobody encrypted", std::string("\x17\x03\x03\x00\x14", 5) + std::string(20, 'x'),
       SSL_R_SSLV3_ALERT_BAD_RECORD_MAC},
      {"plain HTTP", "GET / HTTP/1.1\r\nHost: t\r\n\r\n", 0},
      {"a record too long", std::string("\x17\x03\x03\xff\xff", 5) + std::string(100, 'x'),
       SSL_R_TLSV1_ALERT_RECORD_OVERFLOW},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    Connection c = ConnectAndRead();
    c.client->Write("fine so far");
    c.client->CarryOut();
    ::send(c.client->fd().get(), test.bytes.data(), test.bytes.size(), 0);
    EXPECT_EQ(ReceiveAll(*c.server), std::pair(std::string("fine so far"), Outcome::kError));
    EXPECT_EQ(Send(*c.server, "no").outcome, Outcome::kError);
    c.client->CarryIn();
    EXPECT_EQ(c.client->Read(), "");
    if (test.alert != 0) {
      EXPECT_EQ(c.client->failure(), test.alert);
    }
    c.server->Close();
  }
}

// --- clients that keep the server busy ----------------------------------------------------------------

class TlsFlood : public TlsTransport {
 protected:
  static void AskForKeys(Client& client, int times, int kind = SSL_KEY_UPDATE_REQUESTED) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(SSL_key_update(client.ssl(), kind), 1);
      ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
    }
  }
};

TEST_F(TlsFlood, NewKeysAreTakenBetweenRequests) {
  Connection c = ConnectAndRead();
  for (int i = 0; i < 50; ++i) {
    AskForKeys(*c.client, 3);
    ExpectAlive(c);
  }
}

TEST_F(TlsFlood, NewKeysWithoutARequestAreTakenSoLong) {
  for (const int kind : {SSL_KEY_UPDATE_REQUESTED, SSL_KEY_UPDATE_NOT_REQUESTED}) {
    Connection c = ConnectAndRead();
    std::size_t sent = 0;
    Outcome outcome = Outcome::kBlock;
    while (outcome == Outcome::kBlock && sent < (1 << 20)) {
      AskForKeys(*c.client, 10, kind);
      sent += c.client->CarryOut();
      outcome = ReceiveAll(*c.server).second;
      c.client->CarryIn();
      c.client->Read();
    }
    EXPECT_EQ(outcome, Outcome::kError);
    EXPECT_LE(sent, 40u * 1024);
  }
}

TEST_F(TlsFlood, AnswersToNewKeysThatNobodyReadsAreKeptSoLong) {
  Connection c = ConnectAndRead(kSmallBuffer);
  Outcome outcome = Outcome::kBlock;
  std::size_t most = 0;
  int rounds = 0;
  for (; outcome == Outcome::kBlock && rounds < 200; ++rounds) {
    AskForKeys(*c.client, 300);
    c.client->Write("x");
    while (c.client->CarryOut() > 0 && outcome == Outcome::kBlock) outcome = ReceiveAll(*c.server).second;
    most = std::max(most, c.server->Unconfirmed());
  }
  EXPECT_EQ(outcome, Outcome::kError);
  EXPECT_LE(most, 5 * net::TlsScratch::kPlainBytes);
}

TEST_F(TlsFlood, ANewHandshakeIsRefused) {
  Client::Options options;
  options.max_version = TLS1_2_VERSION;
  Connection c = Connect(options);
  ASSERT_EQ(SSL_renegotiate(c.client->ssl()), 1);
  SSL_do_handshake(c.client->ssl());
  c.client->CarryOut();
  EXPECT_EQ(ReceiveAll(*c.server), std::pair(std::string(), Outcome::kBlock));
  c.client->CarryIn();
  EXPECT_EQ(c.client->Shake(), Client::Step::kFailed);
  EXPECT_EQ(c.client->failure(), SSL_R_NO_RENEGOTIATION);
}

}  // namespace
}  // namespace portal::testing
