#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/ip_address.h"
#include "http/head_parser.h"
#include "net/connection_state.h"
#include "net/deadlines.h"
#include "net/exchange.h"
#include "net/input_buffer.h"
#include "net/loop_context.h"
#include "net/mailbox.h"
#include "net/transport.h"

namespace portal::net {

/// One client's connection as a state machine, moved on by what its event loop tells it. Lives in a slot that
/// is used again and again. Not thread-safe.
///
/// docs/architecture.md has the table of states, events and deadlines; the code is in its order. Requests are
/// answered in order: nothing is read while one is waiting or being sent. An answer that ends the connection
/// while bytes may still come is followed by lingering: what comes is dropped for a moment, since closing with
/// unread input would make the kernel reset the connection and lose the answer (RFC 9112 §9.6).
class Connection {
 public:
  Connection(LoopContext& loop, std::uint32_t slot) : loop_(loop), slot_(slot), deadline_(slot) {}

  void Open(std::unique_ptr<Transport> transport, const base::IpAddress& peer);

  void OnEvents(std::uint32_t epoll_events);
  /// It was in `LoopContext::turns`, and now may go on. Returns how many bytes of an answer it moved.
  std::uint64_t OnTurn();
  void OnPoolDone(std::unique_ptr<Exchange> exchange);
  void OnDeadline(DeadlineKind kind);
  void OnDrain();  ///< answers what was received, closes when that is nothing
  void Close();    ///< at once
  void GiveWay();  ///< at once, and with it what the kernel holds for a client that does not read

  bool is_open() const { return state_ != ConnectionState::kClosed; }
  ConnectionState state() const { return state_; }
  const base::IpAddress& peer() const { return peer_; }
  int fd() const { return transport_->fd(); }
  ConnectionRef ref() const { return {slot_, generation_}; }

 private:
  void Enter(ConnectionState next);
  void Abort();
  bool IsReading() const { return state_ == ConnectionState::kIdle || state_ == ConnectionState::kHead; }

  void Shake();

  void Serve();
  void Receive();
  void AnswerBuffered();
  std::size_t AnswerAll(std::string_view bytes);
  void AwaitMore();
  void AwaitFirstRequest();
  bool NothingBegan() const;

  void Answer(std::string_view raw);
  void Refuse(std::string_view raw, const http::Refusal& refusal);
  void Defer(std::string_view raw);
  bool WaitForPool(SlowPool::Task task);
  void StartSending(http::Response&& response, std::string_view raw);
  std::uint64_t ContinueSending();
  void KeepSending(Outgoing::Progress progress);
  std::int64_t BytesTaken() const;
  void OnSendDeadline();
  void Finish(const Exchange& exchange);
  void Linger();
  void DropInput();
  void CloseOnceTaken();

  bool MustClose(const http::Head& head, const http::Response& response) const;
  void WantTurn();
  bool KeepsInput() const { return is_open() && state_ != ConnectionState::kLingering; }

  LoopContext& loop_;
  const std::uint32_t slot_;
  std::uint32_t generation_ = 0;
  ConnectionState state_ = ConnectionState::kClosed;
  bool readable_ = false;            // the kernel may have more input
  bool input_ended_ = false;         // the peer has finished sending
  bool unparsed_ = false;            // input_ may hold a whole request
  bool in_turns_ = false;            // listed in loop_.turns
  bool more_input_ = false;          // bytes came after the request that is being answered
  bool asked_ = false;               // a request has come, if only a refused one
  bool wrong_scheme_ = false;        // plain HTTP where TLS is spoken
  std::uint32_t requests_left_ = 0;  // of this turn
  std::int64_t taken_before_ = 0;    // of the answer, when the send deadline was armed
  std::size_t untaken_before_ = 0;   // of answers that are sent, when the last such look was had
  std::unique_ptr<Transport> transport_;
  base::IpAddress peer_;
  InputBuffer input_;
  http::HeadParser parser_;
  Deadlines::Member deadline_;
  std::unique_ptr<Exchange> exchange_;  // while sending what did not fit in one go
};

}  // namespace portal::net
