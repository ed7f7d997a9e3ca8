#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

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

TEST(Download, DoesNotKeepOthersOfItsLoopWaiting) {
  NetFixture fixture;
  RawClient slow(fixture.port, 4096);
  slow.Send(Request("/file"));
  RawClient other(fixture.port);
  EXPECT_EQ(other.Get("/echo/meanwhile").body, "meanwhile");
  EXPECT_TRUE(slow.ReadResponse().body == fixture.content);
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
