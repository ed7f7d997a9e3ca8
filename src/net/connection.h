#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "http/head_parser.h"
#include "net/acceptor.h"
#include "net/deadlines.h"
#include "net/exchange.h"
#include "net/input_buffer.h"
#include "net/loop_context.h"
#include "net/mailbox.h"
#include "net/socket.h"

namespace portal::net {

/// One client's connection as a state machine, moved on by what its event loop tells it. Lives in a slot
/// that is used again and again. Not thread-safe.
///
///                  whole head                last byte sent
///   Open -> reading -----------> sending ---------------------> reading, or lingering -> closed
///              \                  ^   |
///     read over \       pool done |   | file not in memory
///      budget    `----------> waiting <'
///
/// From everywhere to closed: hung up, late, or (when draining) idle.
///
/// Requests are answered in order: nothing is read while one is waiting or being sent. An answer that ends
/// the connection while bytes may still come is followed by lingering: what comes is dropped for a moment,
/// since closing with unread input would make the kernel reset the connection and lose the answer
/// (RFC 9112 §9.6).
class Connection {
 public:
  Connection(LoopContext& loop, std::uint32_t slot) : loop_(loop), slot_(slot), deadline_(slot) {}

  void Open(Accepted accepted);

  void OnEvents(std::uint32_t epoll_events);
  void OnTurn();  ///< it was in `LoopContext::turns`, and now may go on
  void OnPoolDone(std::unique_ptr<Exchange> exchange);
  void OnDeadline(DeadlineKind kind);
  void OnDrain();  ///< answers what was received, closes when that is nothing
  void Close();    ///< at once

  bool is_open() const { return state_ != State::kClosed; }
  int fd() const { return socket_.fd(); }
  ConnectionRef ref() const { return {slot_, generation_}; }

 private:
  enum class State : std::uint8_t { kClosed, kReading, kWaiting, kSending, kLingering };

  void Serve();
  void Receive();
  void AnswerBuffered();
  std::size_t AnswerAll(std::string_view bytes);
  void ArmReadDeadline();
  void ArmSendDeadline();
  void OnSendDeadline();

  void Answer(std::string_view raw);
  void Refuse(std::string_view raw, const http::Refusal& refusal);
  void Defer(std::string_view raw);
  bool WaitForPool(SlowPool::Task task);
  void StartSending(http::Response&& response, std::string_view raw);
  void ContinueSending();
  void KeepSending(Outgoing::Progress progress);
  void Finish(const Exchange& exchange);
  void Linger();
  void DropInput();

  bool MustClose(const http::Head& head, const http::Response& response) const;
  void WantTurn();
  bool WillReadOn() const { return state_ != State::kClosed && state_ != State::kLingering; }

  LoopContext& loop_;
  const std::uint32_t slot_;
  std::uint32_t generation_ = 0;
  State state_ = State::kClosed;
  bool readable_ = false;            // the kernel may have more input
  bool input_ended_ = false;         // the peer has finished sending
  bool unparsed_ = false;            // input_ may hold a whole request
  bool in_turns_ = false;            // listed in loop_.turns
  bool more_input_ = false;          // bytes came after the request that is being answered
  std::uint32_t requests_left_ = 0;  // of this turn
  std::size_t unconfirmed_ = 0;      // as of when the send deadline was armed
  Socket socket_;
  PeerAddress peer_;
  InputBuffer input_;
  http::HeadParser parser_;
  Deadlines::Member deadline_;
  std::unique_ptr<Exchange> exchange_;  // while sending what did not fit in one go
};

}  // namespace portal::net
