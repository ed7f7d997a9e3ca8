#include <utility>

#include "net/connection.h"

// The second half of a connection's way: from a head that is whole to the last byte of its answer. What leads there,
// and from state to state, is in connection.cpp.
namespace portal::net {

namespace {

constexpr int kDropsPerTurn = 4;
// An answer up to here is left to the kernel alone when its connection ends with it.
constexpr std::uint64_t kSoonTakenBytes = 64 * 1024;

using State = ConnectionState;

}  // namespace

// --- answering --------------------------------------------------------------------------------------

void Connection::Answer(std::string_view raw) {
  if (wrong_scheme_) return Refuse(raw, {base::ErrorCode::kBadRequest, "This port speaks TLS: use https"});
  Exchange& exchange = loop_.exchange;
  exchange.Begin(peer_, transport_->IsSecure(), loop_.worker);
  loop_.pipeline.Admit(exchange.request);
  auto response = loop_.pipeline.Answer(exchange.request);
  if (!response) return Defer(raw);
  StartSending(*std::move(response), raw);
}

void Connection::Refuse(std::string_view raw, const http::Refusal& refusal) {
  Exchange& exchange = loop_.exchange;
  exchange.Begin(peer_, transport_->IsSecure(), loop_.worker);
  loop_.pipeline.Admit(exchange.request);
  loop_.counters.refused_heads[static_cast<std::size_t>(refusal.code)].Add();
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
  Enter(State::kWaiting);
  return true;
}

void Connection::OnPoolDone(std::unique_ptr<Exchange> exchange) {
  exchange_ = std::move(exchange);
  if (exchange_->response) {
    if (exchange_->response->drop) return Abort();
    http::Response response = *std::exchange(exchange_->response, std::nullopt);
    const bool close = MustClose(exchange_->request.head, response);
    exchange_->outgoing.Start(exchange_->request, std::move(response), close);
  }
  Enter(State::kSending);
  WantTurn();
}

bool Connection::MustClose(const http::Head& head, const http::Response& response) const {
  const bool last_before_drain = loop_.draining && !more_input_;
  return last_before_drain || response.close || head.has_body || !head.keep_alive;
}

// --- sending ----------------------------------------------------------------------------------------

void Connection::StartSending(http::Response&& response, std::string_view raw) {
  Exchange& exchange = loop_.exchange;
  if (response.drop) {
    loop_.pipeline.LogAccess(exchange.request, response.status, 0);
    return Abort();
  }
  const bool close = MustClose(exchange.request.head, response);
  exchange.outgoing.Start(exchange.request, std::move(response), close);
  const Outgoing::Progress progress = exchange.outgoing.Send(*transport_);
  if (progress == Outgoing::Progress::kDone) {
    Finish(exchange);
    exchange.outgoing.Clear();
    return;
  }

  exchange_ = std::make_unique<Exchange>(std::move(exchange));
  exchange_->Own(raw);
  Enter(State::kSending);
  KeepSending(progress);
}

std::uint64_t Connection::ContinueSending() {
  const std::uint64_t before = exchange_->outgoing.sent();
  const Outgoing::Progress progress = exchange_->outgoing.Send(*transport_);
  const std::uint64_t moved = exchange_->outgoing.sent() - before;
  if (progress != Outgoing::Progress::kDone) {
    KeepSending(progress);
    return moved;
  }
  const auto done = std::move(exchange_);
  Enter(State::kIdle);
  Finish(*done);
  if (IsReading()) Serve();
  return moved;
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

/// Of the answer; less than nothing while the client has yet to take the answer before.
std::int64_t Connection::BytesTaken() const {
  return static_cast<std::int64_t>(exchange_->outgoing.sent()) - static_cast<std::int64_t>(transport_->Unconfirmed());
}

/// The kernel takes bytes in large helpings and lets a slow client have them bit by bit: what the client has
/// confirmed tells, not what was sent.
void Connection::OnSendDeadline() {
  const auto enough = static_cast<std::int64_t>(loop_.least_taken_bytes);
  if (BytesTaken() - taken_before_ >= enough) return Enter(State::kSending);
  Abort();
}

void Connection::Finish(const Exchange& exchange) {
  loop_.pipeline.LogAccess(exchange.request, exchange.outgoing.status(), exchange.outgoing.body_sent());
  if (!exchange.outgoing.closes()) return;
  const http::Head& head = exchange.request.head;
  const bool nothing_comes = !head.keep_alive && !head.has_body && !more_input_;
  const bool soon_taken = exchange.outgoing.sent() <= kSoonTakenBytes;
  return nothing_comes && soon_taken ? Close() : Linger();
}

/// What the kernel holds of a closed connection is in nobody's count. So whoever takes what is left of its answers
/// keeps its place, at the pace that answers are sent at; whoever does not is reset.
void Connection::CloseOnceTaken() {
  const std::size_t untaken = transport_->Unconfirmed();
  if (untaken == 0) return Close();
  const bool first_look = untaken_before_ == 0;
  if (!first_look && untaken + loop_.least_taken_bytes > untaken_before_) return Abort();
  untaken_before_ = untaken;
  loop_.deadlines.Arm(deadline_, DeadlineKind::kSend, loop_.now);
}

void Connection::GiveWay() { transport_->Unconfirmed() > 0 ? Abort() : Close(); }

void Connection::Linger() {
  transport_->FinishSending();
  input_.Clear();
  Enter(State::kLingering);
  readable_ = true;
  WantTurn();
}

void Connection::DropInput() {
  for (int i = 0; i < kDropsPerTurn; ++i) {
    switch (transport_->Receive(loop_.input).outcome) {
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
