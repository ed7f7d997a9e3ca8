#include "control/connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <utility>
#include <variant>

#include "http/head_writer.h"

namespace portal::control {

namespace {

using base::ErrorCode;
using Duration = Channel::Duration;

// An idle connection holds a thread: it may wait for a next request, but not for long.
constexpr Duration kMostIdle{10'000};
// Nor may a client that has just come, or sends its head, take its time while others wait for its thread. Nor may one
// that has shown no credential with its head, whatever is waited for.
constexpr Duration kMostHurried{1'000};
// What strangers send is small, so that there is an end to it where nobody waits, too.
constexpr Duration kMostOfStrangersBody{5'000};
// For the client's own end; where others wait for the thread, for as long as a usual one takes to see ours.
constexpr Duration kMostLingering{2'000};
constexpr Duration kShortLingering{200};
// What nobody asked for is waited for just long enough to spare the client a new connection.
constexpr Duration kMostDiscarding{1'000};
constexpr std::uint64_t kDiscardRate = 64 * 1024;
constexpr std::size_t kReceiveBytes = 64 * 1024;
constexpr std::size_t kHeadReceiveBytes = 4 * 1024;

/// The parts of an answer as the client gets them, each as soon as it is there (RFC 9112 §7.1).
class StreamSink final : public AnswerSink {
 public:
  StreamSink(Channel& channel, Pace pace, bool chunked, std::uint64_t& sent)
      : channel_(channel), pace_(pace), chunked_(chunked), sent_(sent) {}

  bool Write(std::string_view bytes) override {
    if (failed_ || bytes.empty()) return !failed_;
    if (!chunked_) return Note(channel_.Send(bytes, pace_), bytes.size());
    std::array<char, 2 * sizeof(std::size_t)> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
    chunk_.assign(digits.data(), static_cast<std::size_t>(end - digits.data()))
        .append("\r\n")
        .append(bytes)
        .append("\r\n");
    return Note(channel_.Send(chunk_, pace_), bytes.size());
  }
  bool gone() override { return failed_ || channel_.IsGone(); }

  /// Whether the client has got all there is.
  bool Finish() { return !failed_ && (!chunked_ || channel_.Send("0\r\n\r\n", pace_)); }

 private:
  bool Note(bool sent, std::size_t bytes) {
    failed_ = !sent;
    if (sent) sent_ += bytes;
    return sent;
  }

  Channel& channel_;
  Pace pace_;
  const bool chunked_;
  std::uint64_t& sent_;
  std::string chunk_;
  bool failed_ = false;
};

}  // namespace

Connection::Connection(const Surroundings& surroundings, const net::Settings& settings, Channel channel,
                       const base::IpAddress& peer, base::WorkerId worker)
    : surroundings_(surroundings),
      limits_(settings.limits),
      channel_(std::move(channel)),
      peer_(peer),
      worker_(worker),
      member_(surroundings.crowd, channel_.fd()) {}

void Connection::Serve() {
  member_.BecomeIdle();  // whoever says nothing gives way in here, too
  channel_.WakeBy(member_.wake_fd());
  const net::Handshake shaken = channel_.Shake(limits_.handshake_timeout, kMostHurried);
  if (shaken == net::Handshake::kError) return;
  plain_on_tls_ = shaken == net::Handshake::kPlainText;
  secure_ = channel_.IsSecure();
  while (ServeOne()) first_ = false;
}

/// False: the connection is over.
bool Connection::ServeOne() {
  http::Request request;
  request.peer = peer_;
  request.secure = secure_;
  request.worker = worker_;
  http::Refusal refusal{ErrorCode::kBadRequest, "This port speaks TLS: use https"};
  const Collected collected = CollectHead(request, refusal);
  if (collected == Collected::kOver) return false;
  surroundings_.dispatcher.Admit(request);
  request_ = &request;
  strange_since_ = surroundings_.clock.Unmoved();
  body_sent_ = 0;
  receiving_.emplace(NewPace());

  if (collected == Collected::kRefused || plain_on_tls_) {
    Answer answer = surroundings_.dispatcher.Refuse(request, refusal);
    SendAnswer(request, answer, true);
    surroundings_.dispatcher.LogAnswered(request, nullptr, answer.status, body_sent_);
    Linger();
    return false;
  }
  Body body(request.head, *this);
  Request place(request, body);
  Answer answer = surroundings_.dispatcher.Handle(request, place);
  const bool close = MustClose(request, answer, body);
  const bool sent = SendAnswer(request, answer, close);
  surroundings_.dispatcher.LogAnswered(request, &place, answer.status, body_sent_);
  if (sent && close) Linger();
  return sent && !close;
}

void Connection::Linger() {
  member_.BecomeDone();
  channel_.Linger(surroundings_.pool.IsCrowded() ? kShortLingering : kMostLingering);
}

Pace Connection::NewPace() const { return Pace(limits_.send_timeout, limits_.min_send_rate); }

// --- the head ---------------------------------------------------------------------------------------

/// How much longer the next request is waited for, from `start` on or from its first byte on.
Duration Connection::PatienceWithHead(base::MonotonicTime start) const {
  if (surroundings_.crowd.draining() && !begun_) return Duration{0};
  const bool expected = begun_ || first_;  // something is on its way, and its client is no idler
  Duration most = expected ? Duration{limits_.head_timeout} : std::min(Duration{limits_.idle_timeout}, kMostIdle);
  if (hurried_) most = std::min(most, expected ? kMostHurried : Duration{0});
  const auto taken = std::chrono::ceil<Duration>(surroundings_.clock.Unmoved() - begun_.value_or(start));
  return std::max(most - taken, Duration{0});
}

/// Whoever found nobody to make room for him, since all were busy, may have found this one now.
void Connection::BeginHead() {
  begun_ = surroundings_.clock.Unmoved();
  member_.AwaitStranger();
  if (surroundings_.pool.IsCrowded()) surroundings_.crowd.MakeRoom();
}

Connection::Collected Connection::CollectHead(http::Request& request, http::Refusal& refusal) {
  parser_.Reset();
  raw_ = input_.substr(taken_);
  input_.clear();
  taken_ = 0;
  begun_.reset();
  const base::MonotonicTime start = surroundings_.clock.Unmoved();
  member_.BecomeIdle();
  // In this order: whoever comes now either sees an idle connection or is seen by it.
  hurried_ = surroundings_.pool.IsCrowded();
  if (hurried_ && first_) surroundings_.crowd.MakeRoom();
  while (true) {
    const auto verdict = parser_.Parse(raw_, request.head);
    if (const auto* complete = std::get_if<http::Complete>(&verdict)) {
      input_ = raw_.substr(complete->size_bytes);
      break;
    }
    if (const auto* refused = std::get_if<http::Refusal>(&verdict)) {
      refusal = *refused;
      member_.BecomeBusy();
      return Collected::kRefused;
    }
    const std::size_t size = raw_.size();
    if (size > 0 && !begun_) BeginHead();
    raw_.resize(size + kHeadReceiveBytes);
    const auto received =
        channel_.Receive(std::span(raw_).subspan(size), PatienceWithHead(start), Channel::Waiting::kMayBeWoken);
    raw_.resize(size + received.bytes);
    if (received.got == Channel::Got::kSome) continue;
    if (received.got == Channel::Got::kWoken) {
      hurried_ = surroundings_.pool.IsCrowded();  // else it was meant for an earlier wait, or it is the drain
      continue;
    }
    const bool is_late = received.got == Channel::Got::kLate;
    if (!is_late || raw_.find_first_not_of("\r\n") == std::string::npos) return Collected::kOver;
    parser_.ReadSoFar(raw_, request.head);
    refusal = {ErrorCode::kRequestTimeout, "The request's head did not arrive in time"};
    return Collected::kRefused;
  }
  member_.BecomeBusy();
  return Collected::kHead;
}

// --- strangers --------------------------------------------------------------------------------------

/// In this order: whoever comes now either sees a stranger's connection or is seen by it.
void Connection::AwaitStranger() {
  member_.AwaitStranger();
  hurried_ = surroundings_.pool.IsCrowded();
}

Duration Connection::PatienceWithStranger(Duration most) const {
  if (hurried_) most = std::min(most, kMostHurried);
  const auto taken = std::chrono::ceil<Duration>(surroundings_.clock.Unmoved() - strange_since_);
  return std::max(most - taken, Duration{0});
}

// --- the body ---------------------------------------------------------------------------------------

Duration Connection::PatienceWithBody() {
  if (!IsStrangers()) return receiving_->patience();
  AwaitStranger();
  return std::min(receiving_->patience(), PatienceWithStranger(kMostOfStrangersBody));
}

base::Result<std::string_view> Connection::Peek() {
  while (taken_ == input_.size()) {
    taken_ = 0;
    input_.resize(kReceiveBytes);
    const auto waiting = IsStrangers() ? Channel::Waiting::kMayBeWoken : Channel::Waiting::kOnlyForTheClient;
    const auto received = channel_.Receive(input_, PatienceWithBody(), waiting);
    member_.BecomeBusy();
    input_.resize(received.bytes);
    if (received.got == Channel::Got::kEnd || received.got == Channel::Got::kError) return std::string_view();
    const bool too_late = received.got == Channel::Got::kLate && IsStrangers() &&
                          PatienceWithStranger(kMostOfStrangersBody) == Duration{0};
    if (!receiving_->Note(received.waited, received.bytes) || too_late) {
      return base::Fail(ErrorCode::kRequestTimeout, "The body comes too slowly");
    }
  }
  return std::string_view(input_).substr(taken_);
}

bool Connection::SayContinue() {
  Pace pace = NewPace();
  return Send("HTTP/1.1 100 Continue\r\n\r\n", pace);
}

// --- the answer -------------------------------------------------------------------------------------

bool Connection::MustClose(const http::Request& request, const Answer& answer, Body& body) {
  receiving_.emplace(kMostDiscarding, kDiscardRate);
  const bool until_the_end = answer.stream && request.head.minor_version == 0;
  const bool next_is_known = body.Discard();
  return answer.close || until_the_end || !next_is_known || !request.head.keep_alive ||
         surroundings_.crowd.draining() || surroundings_.pool.IsCrowded();
}

bool Connection::Send(std::string_view bytes, Pace& pace) {
  return IsStrangers() ? SendToStranger(bytes, pace) : channel_.Send(bytes, pace);
}

/// What strangers get is small: it mostly fits into the kernel, and nobody is waited for.
bool Connection::SendToStranger(std::string_view bytes, Pace& pace) {
  Duration patience{0};
  while (true) {
    const Channel::Sent sent = channel_.SendSome(bytes, pace, patience);
    if (sent != Channel::Sent::kSome) return sent == Channel::Sent::kAll;
    AwaitStranger();
    patience = hurried_ ? PatienceWithStranger(kMostHurried) : pace.patience();
    if (patience == Duration{0}) return false;
  }
}

/// False: the connection cannot be used any more.
bool Connection::SendAnswer(const http::Request& request, Answer& answer, bool close) {
  answer.streamed = answer.stream != nullptr;
  const bool head_only = request.head.method == http::Method::kHead;
  std::string bytes;
  http::WriteHead(request, answer, surroundings_.clock.Wall(), close, bytes);
  if (!head_only && !answer.stream) bytes += answer.body;
  Pace pace = NewPace();
  strange_since_ = surroundings_.clock.Unmoved();
  if (!Send(bytes, pace)) return false;
  if (head_only) return true;
  if (answer.stream) return SendStream(request, answer);
  body_sent_ = answer.body.size();
  return true;
}

bool Connection::SendStream(const http::Request& request, const Answer& answer) {
  StreamSink sink(channel_, NewPace(), request.head.minor_version >= 1, body_sent_);
  std::string what = "unknown exception";
  try {
    answer.stream(sink);
    return sink.Finish();
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
  }
  surroundings_.dispatcher.LogBug(request, what);
  return false;  // without its last chunk, so that the client sees that this is not all
}

}  // namespace portal::control
