// The whole data plane over memory: bytes in, net::Connection driven as its event loop drives it, the real routes
// on a real store, bytes out. What is required of every answer is in fuzz/answers.cpp; here: each request has one,
// in order, however the bytes arrive and leave, until one closes; then nothing more, and nothing is left behind.
//
// Input: a byte of choices, one for how the connection ends, one from which the pieces are derived, one for how they
// are cut, then what the client sends.

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz/answers.h"
#include "fuzz/driven_connection.h"
#include "fuzz/input.h"
#include "fuzz/memory_portal.h"
#include "fuzz/require.h"
#include "net/loop_context.h"

namespace portal::fuzz {
namespace {

/// The same bytes from a client that sends them in one piece and takes all there is.
std::vector<Answer> Reference(MemoryPortal& portal, net::LoopContext& loop, std::string_view input,
                              const Conversation& conversation, bool secure) {
  Client client;
  client.secure = secure;
  DrivenConnection run(portal, loop, input, client);
  run.Talk();
  run.End();
  const bool cut = run.wire().output.size() >= Wire::kMostOutput;
  auto answers = ReadAnswers(run.wire().output, conversation.requests, secure, cut);
  const bool ended = !answers.empty() && (answers.back().closes || !answers.back().whole);
  Require(ended || answers.size() == conversation.requests.size(), "every request has an answer");
  return answers;
}

/// What a client that gave up has got is the beginning of what there was.
void RequireBeginning(const std::vector<Answer>& got, const std::vector<Answer>& all) {
  Require(got.size() <= all.size(), "a client that gives up gets no more than others");
  for (std::size_t i = 0; i < got.size(); ++i) {
    Require(!got[i].whole || got[i] == all[i], "and the same, as far as it goes");
  }
}

Client MakeClient(Input& input) {
  constexpr std::array<std::size_t, 5> kPieces = {Client::kNoLimit, 1, 4, 100, 2000};
  const std::uint8_t choices = input.Byte();
  Client client;
  client.secure = (choices & 1) != 0;
  client.ends_early = (choices & 2) != 0;
  client.slow_reads = (choices & 4) != 0;
  client.end = static_cast<Client::End>(input.Below(5));
  client.pieces = input.Byte();
  const std::size_t cuts = input.Byte();
  client.arrives = kPieces[cuts % kPieces.size()];
  client.takes = kPieces[cuts / kPieces.size() % kPieces.size()];
  return client;
}

/// The lowest free descriptor: the same before and after when none was left open.
int FreeDescriptor() {
  const int fd = ::dup(STDERR_FILENO);
  ::close(fd);
  return fd;
}

net::Deadlines::Durations Minutes() {
  net::Deadlines::Durations durations;
  durations.fill(std::chrono::minutes(1));
  return durations;
}

void Test(Input input) {
  static MemoryPortal portal;
  const Client client = MakeClient(input);
  const std::string_view bytes = input.Rest();
  const Conversation conversation = ReadConversation(bytes);

  const int free_descriptor = FreeDescriptor();
  net::LoopCounters counters;
  net::LoopContext loop{portal.pipeline(),
                        portal.pool(),
                        portal.mailbox(),
                        base::WorkerId{0},
                        counters,
                        net::Deadlines(Minutes()),
                        1,
                        portal.clock().Monotonic()};
  const auto expected = Reference(portal, loop, bytes, conversation, client.secure);

  DrivenConnection run(portal, loop, bytes, client);
  run.Talk();
  const std::size_t talked = run.wire().output.size();
  run.End();
  const std::string_view output = run.wire().output;
  Require(FreeDescriptor() == free_descriptor, "no descriptor is left open");

  if (client.end == Client::End::kResets || client.end == Client::End::kStalls) {
    return RequireBeginning(ReadAnswers(output, conversation.requests, client.secure, true), expected);
  }
  const bool cut = talked >= Wire::kMostOutput;
  Require(ReadAnswers(output.substr(0, talked), conversation.requests, client.secure, cut) == expected,
          "the answers do not depend on how bytes come and go");
  const std::string_view last = output.substr(talked);
  const bool closed = !expected.empty() && (expected.back().closes || !expected.back().whole);
  const bool is_late = client.end != Client::End::kHangsUp && conversation.unfinished && !closed && !client.ends_early;
  if (!is_late) return Require(last.empty(), "nothing comes after the answers");
  const auto late = ReadAnswers(last, {*conversation.unfinished}, client.secure, false);
  Require(late.size() == 1 && late[0].status == 408, "an unfinished head is told that it is late");
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
