#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/outgoing.h"
#include "net/socket.h"
#include "net_fixture.h"

namespace portal::testing {
namespace {

std::string Request(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

TEST(Download, ReachesSeveralReadersAtOnceWhole) {
  net::Server::Options options;
  options.loops = 2;
  NetFixture fixture(options);
  std::vector<std::thread> readers;
  std::atomic<int> whole{0};
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      RawClient client(fixture.port);
      if (client.Get("/file").body == fixture.content && client.Get("/echo/x").body == "x") ++whole;
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(whole, 8);
}

TEST(Download, ByASlowReaderLeavesItsLoopToOthers) {
  NetFixture fixture;
  RawClient slow(fixture.port, 4096);
  slow.Send(Request("/file"));
  RawClient other(fixture.port);
  EXPECT_EQ(other.Get("/echo/meanwhile").body, "meanwhile");
  EXPECT_TRUE(slow.ReadResponse().body == fixture.content);
}

TEST(Download, GivesUpItsTurnEvenIfTheClientCouldTakeMore) {
  const TempFolder folder;
  const std::string content = Pattern(4 << 20);
  std::ofstream(folder.path() / "blob", std::ios::binary) << content;
  http::Response response;
  response.file = http::FileRegion{base::UniqueFd(::open((folder.path() / "blob").c_str(), O_RDONLY | O_CLOEXEC)), 0,
                                   content.size()};
  http::Request request;
  request.head.method = http::Method::kGet;
  net::Outgoing outgoing;
  outgoing.Start(request, std::move(response), false);

  // The head goes into a socket; then a file takes the socket's place, which takes whatever it is given.
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  net::Socket socket{base::UniqueFd(ends[0])};
  const base::UniqueFd peer(ends[1]);
  ASSERT_EQ(outgoing.Send(socket), net::Outgoing::Progress::kBlocked);
  const std::string path = (folder.path() / "taken").string();
  const base::UniqueFd endless(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::dup2(endless.get(), socket.fd()), socket.fd());

  constexpr std::uint64_t kTurnBytes = 512 * 1024;
  int turns = 0;
  for (auto progress = net::Outgoing::Progress::kTurn; progress == net::Outgoing::Progress::kTurn; ++turns) {
    const std::uint64_t before = outgoing.sent();
    progress = outgoing.Send(socket);
    ASSERT_TRUE(progress == net::Outgoing::Progress::kTurn || progress == net::Outgoing::Progress::kDone);
    EXPECT_LE(outgoing.sent() - before, kTurnBytes);
  }
  EXPECT_GE(turns, 7);
  EXPECT_EQ(outgoing.body_sent(), content.size());
}

TEST(Download, LeavesNoDescriptorWhenTheClientVanishes) {
  NetFixture fixture;
  RawClient witness(fixture.port);
  witness.Get("/echo/x");
  const std::size_t before = NetFixture::OpenDescriptors();
  for (int i = 0; i < 20; ++i) {
    RawClient client(fixture.port, 4096);
    client.Send(Request("/file"));
    EXPECT_FALSE(client.ReadOnce(100).empty());
  }
  // The loop sees the resets no later than a few requests that come after them.
  for (int i = 0; i < 1000 && NetFixture::OpenDescriptors() > before; ++i) witness.Get("/echo/x");
  EXPECT_EQ(NetFixture::OpenDescriptors(), before);
  witness.Close();

  int aborted = 0;
  for (const std::string& line : fixture.TakeLog()) aborted += line.find("\"route\":\"/file\"") != std::string::npos;
  EXPECT_EQ(aborted, 20);
}

TEST(Download, HangsUpWhenTheFileIsShorterThanPromised) {
  NetFixture fixture;
  RawClient client(fixture.port);
  client.Send(Request("/shrunk") + Request("/echo/never"));
  const std::string all = client.ReadToEnd();
  EXPECT_TRUE(all.ends_with(fixture.content));
}

TEST(Download, OfAFileThatIsNotInMemoryIsWholeInItsPlaceAmongPipelinedRequests) {
  NetFixture fixture;
  fixture.DropFileFromMemory();
  RawClient client(fixture.port);
  client.Send(Request("/file") + Request("/echo/next"));
  EXPECT_TRUE(client.ReadResponse().body == fixture.content);
  EXPECT_EQ(client.ReadResponse().body, "next");
}

TEST(Download, OfAFileThatIsNotInMemoryWorksWithAFullPool) {
  auto options = NetFixture::OneLoop();
  options.pool_threads = 1;
  options.pool_queue = 1;
  NetFixture fixture(options);
  RawClient running(fixture.port), waiting(fixture.port);
  running.Send(Request("/slow/running"));
  WaitForSlowReads(fixture, 1);
  waiting.Send(Request("/slow/waiting"));
  RawClient client(fixture.port);
  EXPECT_EQ(client.Get("/echo/x").body, "x");  // the loop has seen the one before
  fixture.DropFileFromMemory();
  EXPECT_TRUE(client.Get("/file").body == fixture.content);
}

TEST(Download, LogsTheBytesOfTheBodyThatWereSent) {
  NetFixture fixture;
  RawClient client(fixture.port);
  client.Get("/file");
  client.Send("HEAD /file HTTP/1.1\r\nHost: t\r\n\r\n");
  client.ReadResponse(true);
  const auto log = fixture.TakeLog();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_NE(log[0].find("\"bytes\":8388608"), std::string::npos) << log[0];
  EXPECT_NE(log[1].find("\"bytes\":0"), std::string::npos) << log[1];
}

}  // namespace
}  // namespace portal::testing
