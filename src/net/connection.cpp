#include "net/connection.h"

#include <sys/epoll.h>

#include <optional>
#include <utility>
#include <variant>

namespace portal::net {

namespace {

// Enough to make pipelining cheap, few enough that a client with thousands of them delays nobody.
constexpr std::uint32_t kRequestsPerTurn = 16;

using State = ConnectionState;

/// The deadline under which a state stands; waiting has none, since a read ends by itself.
std::optional<DeadlineKind> DeadlineOf(State state) {
  switch (state) {
    case State::kHandshake:
      return DeadlineKind::kHandshake;
    case State::kIdle:
      return DeadlineKind::kIdle;
    case State::kHead:
      return DeadlineKind::kHead;
    case State::kSending:
      return DeadlineKind::kSend;
    case State::kLingering:
      return DeadlineKind::kLinger;
    case State::kWaiting:
    case State::kClosed:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

// --- from state to state ----------------------------------------------------------------------------

void Connection::Open(std::unique_ptr<Transport> transport, const base::IpAddress& peer) {
  transport_ = std::move(transport);
  peer_ = peer;
  readable_ = input_ended_ = unparsed_ = in_turns_ = more_input_ = asked_ = wrong_scheme_ = false;
  parser_.Reset();
  Enter(transport_->IsSecure() ? State::kHandshake : State::kIdle);
}

/// Counts, and starts the new state's deadline; anew where it was in that state already.
void Connection::Enter(State next) {
  const auto count_of = [this](State state) -> Counter& {
    return loop_.counters.connections[static_cast<std::size_t>(state)];
  };
  if (next != state_) {
    if (state_ != State::kClosed) count_of(state_).Subtract();
    if (next != State::kClosed) count_of(next).Add();
  }
  state_ = next;
  if (const auto kind = DeadlineOf(next)) {
    loop_.deadlines.Arm(deadline_, *kind, loop_.now);
  } else {
    loop_.deadlines.Disarm(deadline_);
  }
  untaken_before_ = 0;
  if (next == State::kSending) taken_before_ = BytesTaken();
}

void Connection::Close() {
  Enter(State::kClosed);
  if (exchange_) {
    exchange_->LogAborted(loop_.pipeline);
    exchange_.reset();
  }
  input_.Clear();
  transport_->Close();
  transport_.reset();
  ++generation_;
}

/// What the client has not taken yet is taken back.
void Connection::Abort() {
  transport_->Abort();
  Close();
}

void Connection::OnEvents(std::uint32_t epoll_events) {
  if ((epoll_events & (EPOLLERR | EPOLLHUP)) != 0) {
    if (state_ == State::kHandshake) loop_.counters.failed_handshakes.Add();
    return Close();
  }
  if ((epoll_events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
  if ((epoll_events & EPOLLRDHUP) != 0) input_ended_ = true;
  switch (state_) {
    case State::kHandshake:
      return WantTurn();  // its arithmetic takes longer than any request
    case State::kIdle:
    case State::kHead:
      if (readable_) Serve();
      return;
    case State::kSending:
      if ((epoll_events & EPOLLOUT) != 0) WantTurn();
      return;
    case State::kLingering:
      if (readable_) DropInput();
      return;
    case State::kWaiting:
    case State::kClosed:
      return;
  }
}

std::uint64_t Connection::OnTurn() {
  in_turns_ = false;
  switch (state_) {
    case State::kHandshake:
      Shake();
      return 0;
    case State::kIdle:
    case State::kHead:
      Serve();
      return 0;
    case State::kSending:
      return ContinueSending();
    case State::kLingering:
      DropInput();
      return 0;
    case State::kWaiting:
    case State::kClosed:
      return 0;
  }
  return 0;
}

void Connection::WantTurn() {
  if (!std::exchange(in_turns_, true)) loop_.turns.push_back(ref());
}

void Connection::OnDrain() {
  if (!IsReading()) return;
  readable_ = true;  // what the kernel has got is received, even if nobody has been told yet
  Serve();
}

void Connection::OnDeadline(DeadlineKind kind) {
  loop_.counters.late[static_cast<std::size_t>(kind)].Add();
  switch (kind) {
    case DeadlineKind::kHandshake:
      loop_.counters.failed_handshakes.Add();
      return Abort();
    case DeadlineKind::kHead: {
      const InputBuffer received = std::exchange(input_, {});
      parser_.ReadSoFar(received.view(), loop_.exchange.request.head);
      return Refuse(received.view(), {base::ErrorCode::kRequestTimeout, "The request head did not arrive in time"});
    }
    case DeadlineKind::kSend:
      return state_ == State::kSending ? OnSendDeadline() : CloseOnceTaken();
    case DeadlineKind::kIdle:
    case DeadlineKind::kLinger:
      return CloseOnceTaken();
  }
}

// --- agreeing on encryption -------------------------------------------------------------------------

void Connection::Shake() {
  switch (transport_->Shake()) {
    case Handshake::kBlock:
      return;
    case Handshake::kError:
      loop_.counters.failed_handshakes.Add();
      return Close();
    case Handshake::kPlainText:
      loop_.counters.failed_handshakes.Add();
      transport_ = transport_->TakePlain();
      wrong_scheme_ = true;
      break;
    case Handshake::kDone:
      (transport_->IsResumed() ? loop_.counters.resumed_handshakes : loop_.counters.full_handshakes).Add();
      break;
  }
  Enter(State::kIdle);
  readable_ = true;  // the first request may have come with the handshake's last bytes
  Serve();
}

// --- reading ----------------------------------------------------------------------------------------

void Connection::Serve() {
  requests_left_ = kRequestsPerTurn;
  if (unparsed_) AnswerBuffered();
  while (IsReading() && readable_ && requests_left_ > 0) Receive();
  if (!IsReading()) return;
  if (loop_.draining && NothingBegan() && !readable_) {
    if (!asked_) return AwaitFirstRequest();
    // The kernel may still hold the last answer, which a close would lose if the client sends anything now.
    return transport_->Unconfirmed() > 0 ? Linger() : Close();
  }
  if (readable_ || unparsed_) WantTurn();
  AwaitMore();
}

/// Whoever was let in just before the drain has its first request on the way, and no answer to tell it apart from one
/// that was lost.
void Connection::AwaitFirstRequest() {
  if (loop_.deadlines.IsArmed(deadline_, DeadlineKind::kLinger)) return;
  Enter(State::kIdle);
  loop_.deadlines.Arm(deadline_, DeadlineKind::kLinger, loop_.now);
}

void Connection::Receive() {
  const bool direct = input_.empty();
  const std::span<char> room = direct ? std::span<char>(loop_.input) : input_.Room();
  const Moved moved = transport_->Receive(room);
  switch (moved.outcome) {
    case Moved::Outcome::kBlock:
      readable_ = false;
      return;
    case Moved::Outcome::kEnd:
    case Moved::Outcome::kError:
      return Close();
    case Moved::Outcome::kSome:
      break;
  }
  if (moved.drained && !input_ended_) readable_ = false;  // an end would not be told twice
  if (direct) {
    const std::string_view bytes(room.data(), moved.bytes);
    const std::size_t answered = AnswerAll(bytes);
    if (KeepsInput()) input_.Assign(bytes.substr(answered));
  } else {
    input_.Commit(moved.bytes);
    AnswerBuffered();
  }
}

void Connection::AnswerBuffered() {
  const std::size_t answered = AnswerAll(input_.view());
  if (KeepsInput()) input_.Consume(answered);
}

/// Answers whole requests at the front of `bytes` in their order until one cannot be answered at once.
/// Returns how many bytes they took.
std::size_t Connection::AnswerAll(std::string_view bytes) {
  std::size_t answered = 0;
  unparsed_ = false;
  while (answered < bytes.size() && IsReading()) {
    if (requests_left_ == 0) {
      unparsed_ = true;
      return answered;
    }
    const std::string_view rest = bytes.substr(answered);
    const auto verdict = parser_.Parse(rest, loop_.exchange.request.head);
    if (std::holds_alternative<http::NeedMore>(verdict)) return answered;
    parser_.Reset();
    --requests_left_;
    asked_ = true;
    if (state_ == State::kHead) Enter(State::kIdle);
    if (const auto* refusal = std::get_if<http::Refusal>(&verdict)) {
      Refuse(rest, *refusal);
      return bytes.size();
    }
    const std::size_t size = std::get<http::Complete>(verdict).size_bytes;
    answered += size;
    more_input_ = answered < bytes.size();
    Answer(rest.substr(0, size));
  }
  unparsed_ = answered < bytes.size();
  return answered;
}

/// Some clients end a request with an empty line too many (RFC 9112 §2.2): that begins no other.
bool Connection::NothingBegan() const {
  return input_.view().find_first_not_of("\r\n") == std::string_view::npos && !transport_->HasPartialInput();
}

void Connection::AwaitMore() {
  if (NothingBegan()) {
    // Input that begins nothing moves no deadline.
    const bool answered = requests_left_ < kRequestsPerTurn;
    if (answered || state_ != State::kIdle) Enter(State::kIdle);
  } else if (state_ != State::kHead) {
    Enter(State::kHead);
  }
}

}  // namespace portal::net
