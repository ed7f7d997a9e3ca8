// Who gives way on the control plane when all its threads are taken, and that giving way costs nobody a request: what
// has come is read, its body too, and answered.

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "control_fixture.h"

namespace portal::testing {
namespace {

using base::Result;
using control::Answer;
using control::Context;
using control::Needs;
using control::Request;
using http::Method;
using namespace std::chrono_literals;

/// What was acknowledged must be in here; nothing may be in here twice.
class Kept {
 public:
  void Clear() {
    const base::MutexLock lock(mu_);
    bodies_.clear();
  }
  void Add(std::string body) {
    const base::MutexLock lock(mu_);
    bodies_.insert(std::move(body));
  }
  std::size_t Count(const std::string& body) const {
    const base::MutexLock lock(mu_);
    return bodies_.count(body);
  }

 private:
  mutable base::Mutex mu_;
  std::multiset<std::string> bodies_ GUARDED_BY(mu_);
};
Kept kept;

Result<Answer> Keep(const Context&, Request& request) {
  auto body = request.ReadBody(100'000);
  if (!body) return base::Fail(std::move(body).error());
  kept.Add(*body);
  Answer answer;
  answer.body = "kept " + *std::move(body);
  return answer;
}
Result<Answer> Ignore(const Context&, Request&) { return Answer{}; }

std::vector<control::Route> Routes() {
  return {{Method::kPost, "/keep", Needs::kNothing, Keep}, {Method::kGet, "/ignore", Needs::kNothing, Ignore}};
}

std::string HeadFor(std::string_view body) {
  return "POST /keep HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
}
constexpr std::string_view kLastGet = "GET /ignore HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";

class ControlGiveWay : public ::testing::Test {
 protected:
  ControlGiveWay() { kept.Clear(); }

  /// Nobody is waited for so long that a test could end before whoever gives way has to.
  static ControlFixture::Options OneThread() {
    ControlFixture::Options options;
    options.threads = 1;
    options.limits.head_timeout = options.limits.idle_timeout = 60s;
    return options;
  }
};

TEST_F(ControlGiveWay, WhoeverHasBegunARequestGetsItsBodyReadAndItsAnswer) {
  struct Case {
    std::string name;
    std::string before;  // has come when it is asked to give way
    std::string after;   // comes then
    std::string end;     // comes last
  };
  const std::string head = HeadFor("0123456789");
  const std::string chunked = "POST /keep HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
  const Case cases[] = {
      {"the first byte", head.substr(0, 1), head.substr(1) + "01234", "56789"},
      {"half a head", head.substr(0, 30), head.substr(30), "0123456789"},
      {"all but the head's end", head.substr(0, head.size() - 1), "\n01234", "56789"},
      {"the head", head, "01234", "56789"},
      {"the head and half the body", head + "01234", "", "56789"},
      {"all but the last byte", head + "012345678", "", "9"},
      {"half a chunk", chunked + "a\r\n01234", "56789", "\r\n0\r\n\r\n"},
      {"half a chunk's size", chunked + "000", "a\r\n0123456789\r\n", "0\r\n\r\n"},
  };
  for (const bool first : {true, false}) {
    for (const Case& c : cases) {
      SCOPED_TRACE(c.name + (first ? " of a first request" : " of a next request"));
      kept.Clear();
      ControlFixture::Options options = OneThread();
      options.queue = 1;
      ControlFixture portal(Routes(), options);
      RawClient writer(portal.port());
      if (!first) {
        EXPECT_EQ(writer.Get("/ignore").status, 200);
      }
      writer.Send(c.before);
      RawClient waiting(portal.port());
      waiting.Send(kLastGet);
      // Connections are accepted one after the other: once this one is hung up on, the other one waits for the thread.
      RawClient late(portal.port());
      EXPECT_EQ(late.ReadToEnd(), "");
      writer.Send(c.after);
      writer.Send(c.end);
      const RawResponse answer = writer.ReadResponse();
      EXPECT_EQ(answer.body, "kept 0123456789");
      EXPECT_EQ(answer.Field("Connection"), "close") << "it gives way after its answer";
      EXPECT_EQ(kept.Count("0123456789"), 1U);
      EXPECT_EQ(waiting.ReadResponse().status, 200);
    }
  }
}

/// Whether the request that `parts` make together was answered. It was not done where the connection ended instead.
bool IsAcknowledged(RawClient& client, const std::vector<std::string>& parts, const std::string& body) {
  for (const std::string& part : parts) client.SendAsMuchAsPossible(part);
  if (!client.IsReadable(RawClient::kPatience)) {
    ADD_FAILURE() << "neither an answer nor an end";
    return false;
  }
  try {
    const RawResponse answer = client.ReadResponse();
    EXPECT_EQ(answer.body, "kept " + body);
    EXPECT_EQ(kept.Count(body), 1U) << "an acknowledged write is lost";
    return true;
  } catch (const std::runtime_error&) {  // hung up on
    EXPECT_EQ(kept.Count(body), 0U) << "nobody was told of a write";
    return false;
  }
}

std::vector<std::string> SplitAt(const std::string& text, std::size_t at) {
  return {text.substr(0, at), text.substr(at)};
}

TEST_F(ControlGiveWay, ARequestThatComesAtThatVeryMomentIsAnsweredOrNotBegun) {
  ControlFixture portal(Routes(), OneThread());
  constexpr int kRounds = 100;
  int acknowledged = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string body = "body of round " + std::to_string(round);
    const std::string request = HeadFor(body) + body;
    // In one go, or so that its second part comes later: within its head, behind it, within its body.
    const std::size_t body_at = request.size() - body.size();
    const std::size_t splits[] = {request.size(), 10, body_at, body_at + 5};
    const std::vector<std::string> parts = SplitAt(request, splits[round % std::size(splits)]);

    RawClient idle(portal.port());
    ASSERT_EQ(idle.Get("/ignore").status, 200);
    std::atomic<int> ready = 0;
    const auto meet = [&] {
      ++ready;
      while (ready < 2) std::this_thread::yield();
    };
    std::thread other([&] {
      RawClient waiting{RawClient::Unconnected{}};
      meet();
      waiting.Connect(portal.port());
      waiting.Send(kLastGet);
      EXPECT_EQ(waiting.ReadResponse().status, 200);
    });
    meet();
    const bool answered = IsAcknowledged(idle, parts, body);
    idle.Close();  // its thread waits for that
    other.join();
    acknowledged += answered;
    if (!answered) {
      RawClient again(portal.port());
      EXPECT_TRUE(IsAcknowledged(again, parts, body));
    }
  }
  RecordProperty("acknowledged_at_once", acknowledged);
}

TEST_F(ControlGiveWay, NoAcknowledgedWriteOfACrowdIsLostAndEverybodyIsServed) {
  constexpr int kClients = 8;
  constexpr int kEach = 40;
  ControlFixture::Options options = OneThread();
  options.threads = 2;
  options.queue = kClients;
  ControlFixture portal(Routes(), options);
  const auto write = [&](int number) {
    RawClient client(portal.port());
    int failures = 0;
    for (int n = 0; n < kEach;) {
      const std::string body = std::to_string(number) + " writes " + std::to_string(n);
      const std::string request = HeadFor(body) + body;
      if (IsAcknowledged(client, SplitAt(request, request.size() - static_cast<std::size_t>(n % 8)), body)) {
        ++n;
        failures = 0;
      } else {
        ASSERT_LT(++failures, 10) << "its thread is taken away again and again";
        client = RawClient(portal.port());
      }
    }
  };
  std::vector<std::thread> writers;
  for (int number = 0; number < kClients; ++number) writers.emplace_back(write, number);
  for (std::thread& writer : writers) writer.join();
  for (int number = 0; number < kClients; ++number) {
    for (int n = 0; n < kEach; ++n) {
      EXPECT_EQ(kept.Count(std::to_string(number) + " writes " + std::to_string(n)), 1U);
    }
  }
}

}  // namespace
}  // namespace portal::testing
