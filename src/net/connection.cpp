#include "net/connection.h"

#include <sys/epoll.h>

#include <utility>
#include <variant>

namespace portal::net {

namespace {

// Enough to make pipelining cheap, few enough that a client with thousands of them delays nobody.
constexpr std::uint32_t kRequestsPerTurn = 16;
constexpr int kDropsPerTurn = 4;

}  // namespace

void Connection::Open(Accepted accepted) {
  socket_ = std::move(accepted.socket);
  peer_ = accepted.peer;
  state_ = State::kReading;
  readable_ = input_ended_ = unparsed_ = in_turns_ = more_input_ = false;
  parser_.Reset();
  loop_.deadlines.Arm(deadline_, DeadlineKind::kIdle, loop_.now);
}

void Connection::Close() {
  loop_.deadlines.Disarm(deadline_);
  if (exchange_) {
    exchange_->LogAborted(loop_.pipeline);
    exchange_.reset();
  }
  input_.Clear();
  socket_.Close();
  state_ = State::kClosed;
  ++generation_;
}

void Connection::OnEvents(std::uint32_t epoll_events) {
  if ((epoll_events & (EPOLLERR | EPOLLHUP)) != 0) return Close();
  if ((epoll_events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
  if ((epoll_events & EPOLLRDHUP) != 0) input_ended_ = true;
  switch (state_) {
    case State::kReading:
      if (readable_) Serve();
      return;
    case State::kSending:
      if ((epoll_events & EPOLLOUT) != 0) ContinueSending();
      return;
    case State::kLingering:
      if (readable_) DropInput();
      return;
    case State::kWaiting:
    case State::kClosed:
      return;
  }
}

void Connection::OnTurn() {
  in_turns_ = false;
  switch (state_) {
    case State::kReading:
      return Serve();
    case State::kSending:
      return ContinueSending();
    case State::kLingering:
      return DropInput();
    case State::kWaiting:
    case State::kClosed:
      return;
  }
}

void Connection::WantTurn() {
  if (!std::exchange(in_turns_, true)) loop_.turns.push_back(ref());
}

void Connection::OnDrain() {
  if (state_ != State::kReading) return;
  readable_ = true;  // what the kernel has got is received, even if nobody has been told yet
  Serve();
}

void Connection::OnDeadline(DeadlineKind kind) {
  if (kind == DeadlineKind::kSend) return OnSendDeadline();
  if (kind != DeadlineKind::kHead) return Close();
  const InputBuffer received = std::exchange(input_, {});
  loop_.exchange.request.head.Clear();
  Refuse(received.view(), {base::ErrorCode::kRequestTimeout, "The request head did not arrive in time"});
}

/// The kernel takes bytes in large helpings and lets a slow client have them bit by bit, so that nothing may
/// be sent for longer than the deadline while the client reads all the time. What it has confirmed tells.
void Connection::OnSendDeadline() {
  const std::size_t unconfirmed = socket_.Unconfirmed();
  if (unconfirmed < unconfirmed_) return ArmSendDeadline();
  socket_.Abort();
  Close();
}

void Connection::ArmSendDeadline() {
  unconfirmed_ = socket_.Unconfirmed();
  loop_.deadlines.Arm(deadline_, DeadlineKind::kSend, loop_.now);
}

// --- reading ----------------------------------------------------------------------------------------

void Connection::Serve() {
  requests_left_ = kRequestsPerTurn;
  if (unparsed_) AnswerBuffered();
  while (state_ == State::kReading && readable_ && requests_left_ > 0) Receive();
  if (state_ != State::kReading) return;
  if (loop_.draining && input_.empty() && !readable_) {
    // The kernel may still hold the last answer, which a close would lose if the client sends anything now.
    return socket_.Unconfirmed() > 0 ? Linger() : Close();
  }
  if (readable_ || unparsed_) WantTurn();
  ArmReadDeadline();
}

void Connection::Receive() {
  const bool direct = input_.empty();
  const std::span<char> room = direct ? std::span<char>(loop_.input) : input_.Room();
  const Moved moved = socket_.Receive(room);
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
  // Less than asked for means that the kernel had no more (epoll(7)); an end it would not tell twice.
  if (moved.bytes < room.size() && !input_ended_) readable_ = false;
  if (direct) {
    const std::string_view bytes(room.data(), moved.bytes);
    const std::size_t answered = AnswerAll(bytes);
    if (WillReadOn()) input_.Assign(bytes.substr(answered));
  } else {
    input_.Commit(moved.bytes);
    AnswerBuffered();
  }
}

void Connection::AnswerBuffered() {
  const std::size_t answered = AnswerAll(input_.view());
  if (WillReadOn()) input_.Consume(answered);
}

/// Answers whole requests at the front of `bytes` in their order until one cannot be answered at once.
/// Returns how many bytes they took.
std::size_t Connection::AnswerAll(std::string_view bytes) {
  std::size_t answered = 0;
  unparsed_ = false;
  while (answered < bytes.size() && state_ == State::kReading) {
    if (requests_left_ == 0) {
      unparsed_ = true;
      return answered;
    }
    const std::string_view rest = bytes.substr(answered);
    const auto verdict = parser_.Parse(rest, loop_.exchange.request.head);
    if (std::holds_alternative<http::NeedMore>(verdict)) return answered;
    parser_.Reset();
    if (loop_.deadlines.IsArmed(deadline_, DeadlineKind::kHead)) loop_.deadlines.Disarm(deadline_);
    --requests_left_;
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

void Connection::ArmReadDeadline() {
  // Some clients end a request with an empty line too many (RFC 9112 §2.2): that begins no other.
  const bool nothing_began = input_.view().find_first_not_of("\r\n") == std::string_view::npos;
  if (nothing_began) {
    loop_.deadlines.Arm(deadline_, DeadlineKind::kIdle, loop_.now);
  } else if (!loop_.deadlines.IsArmed(deadline_, DeadlineKind::kHead)) {
    loop_.deadlines.Arm(deadline_, DeadlineKind::kHead, loop_.now);
  }
}

// --- answering --------------------------------------------------------------------------------------

void Connection::Answer(std::string_view raw) {
  Exchange& exchange = loop_.exchange;
  exchange.Begin(peer_.view(), loop_.worker);
  loop_.pipeline.Admit(exchange.request);
  auto response = loop_.pipeline.Answer(exchange.request);
  if (!response) return Defer(raw);
  StartSending(*std::move(response), raw);
}

void Connection::Refuse(std::string_view raw, const http::Refusal& refusal) {
  Exchange& exchange = loop_.exchange;
  exchange.Begin(peer_.view(), loop_.worker);
  loop_.pipeline.Admit(exchange.request);
  more_input_ = true;
  StartSending(loop_.pipeline.Refuse(exchange.request, refusal), raw);
}

void Connection::Defer(std::string_view raw) {
  exchange_ = std::make_unique<Exchange>(std::move(loop_.exchange));
  exchange_->Own(raw);
  if (WaitForPool(SlowPool::Task::kAnswer)) return;
  const auto refused = std::move(exchange_);  // the views point into it until they are replaced
  loop_.exchange = std::move(*refused);
  loop_.exchange.Own(raw);
  StartSending(loop_.pipeline.Decline(loop_.exchange.request, {base::ErrorCode::kUnavailable,
                                                               "The portal is busy. Please retry after 1 second"}),
               raw);
}

/// Gives `exchange_` to the pool. False when the pool takes no more answers, and nothing has changed.
bool Connection::WaitForPool(SlowPool::Task task) {
  SlowPool::Job job{task, std::move(exchange_), ref(), &loop_.mailbox};
  if (!loop_.pool.TrySubmit(job)) {
    exchange_ = std::move(job.exchange);
    return false;
  }
  state_ = State::kWaiting;
  loop_.deadlines.Disarm(deadline_);
  return true;
}

void Connection::OnPoolDone(std::unique_ptr<Exchange> exchange) {
  exchange_ = std::move(exchange);
  if (exchange_->response) {
    http::Response response = *std::exchange(exchange_->response, std::nullopt);
    const bool close = MustClose(exchange_->request.head, response);
    exchange_->outgoing.Start(exchange_->request, std::move(response), close);
  }
  state_ = State::kSending;
  ContinueSending();
}

bool Connection::MustClose(const http::Head& head, const http::Response& response) const {
  const bool last_before_drain = loop_.draining && !more_input_;
  return last_before_drain || response.close || head.has_body || !head.keep_alive;
}

// --- sending ----------------------------------------------------------------------------------------

void Connection::StartSending(http::Response&& response, std::string_view raw) {
  Exchange& exchange = loop_.exchange;
  const bool close = MustClose(exchange.request.head, response);
  exchange.outgoing.Start(exchange.request, std::move(response), close);
  const Outgoing::Progress progress = exchange.outgoing.Send(socket_);
  if (progress == Outgoing::Progress::kDone) {
    Finish(exchange);
    exchange.outgoing.Clear();
    return;
  }

  exchange_ = std::make_unique<Exchange>(std::move(exchange));
  exchange_->Own(raw);
  state_ = State::kSending;
  ArmSendDeadline();
  KeepSending(progress);
}

void Connection::ContinueSending() {
  const std::uint64_t before = exchange_->outgoing.sent();
  const Outgoing::Progress progress = exchange_->outgoing.Send(socket_);
  if (progress == Outgoing::Progress::kDone) {
    const auto done = std::move(exchange_);
    state_ = State::kReading;
    Finish(*done);
    if (state_ == State::kReading) Serve();
    return;
  }
  const bool moved = exchange_->outgoing.sent() > before;
  if (moved || !loop_.deadlines.IsArmed(deadline_, DeadlineKind::kSend)) ArmSendDeadline();
  KeepSending(progress);
}

void Connection::KeepSending(Outgoing::Progress progress) {
  switch (progress) {
    case Outgoing::Progress::kFailed:
      return Close();
    case Outgoing::Progress::kTurn:
      return WantTurn();
    case Outgoing::Progress::kCold:
      if (!WaitForPool(SlowPool::Task::kReadAhead)) Close();  // the program is ending
      return;
    case Outgoing::Progress::kBlocked:
    case Outgoing::Progress::kDone:
      return;
  }
}

void Connection::Finish(const Exchange& exchange) {
  loop_.pipeline.LogAccess(exchange.request, exchange.outgoing.status(), exchange.outgoing.body_sent());
  if (!exchange.outgoing.closes()) return;
  const http::Head& head = exchange.request.head;
  const bool nothing_comes = !head.keep_alive && !head.has_body && !more_input_;
  return nothing_comes ? Close() : Linger();
}

void Connection::Linger() {
  socket_.FinishSending();
  input_.Clear();
  state_ = State::kLingering;
  loop_.deadlines.Arm(deadline_, DeadlineKind::kLinger, loop_.now);
  readable_ = true;
  WantTurn();
}

void Connection::DropInput() {
  for (int i = 0; i < kDropsPerTurn; ++i) {
    switch (socket_.Receive(loop_.input).outcome) {
      case Moved::Outcome::kSome:
        continue;
      case Moved::Outcome::kBlock:
        readable_ = false;
        return;
      case Moved::Outcome::kEnd:
      case Moved::Outcome::kError:
        return Close();
    }
  }
  WantTurn();
}

}  // namespace portal::net
