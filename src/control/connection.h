#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "control/answer.h"
#include "control/body.h"
#include "control/channel.h"
#include "control/crowd.h"
#include "control/dispatcher.h"
#include "control/worker_pool.h"
#include "http/head_parser.h"
#include "http/request.h"
#include "net/settings.h"

namespace portal::control {

/// One client's connection on the thread that serves it: reads heads with the data plane's parser, lets the dispatcher
/// answer, and never takes a byte for the beginning of a request that may belong to the one before. Not thread-safe.
class Connection final : private BodySource {
 public:
  struct Surroundings {
    const Dispatcher& dispatcher;
    const base::Clock& clock;
    const WorkerPool& pool;
    Crowd& crowd;
  };

  Connection(const Surroundings& surroundings, const net::Settings& settings, Channel channel,
             const base::IpAddress& peer, base::WorkerId worker);

  /// Returns when the connection is closed.
  void Serve();

 private:
  enum class Collected : std::uint8_t { kHead, kRefused, kOver };

  bool ServeOne();
  Collected CollectHead(http::Request& request, http::Refusal& refusal);
  void BeginHead();
  Channel::Duration PatienceWithHead(base::MonotonicTime start) const;
  bool IsStrangers() const { return !request_->identity; }
  void AwaitStranger();
  Channel::Duration PatienceWithStranger(Channel::Duration most) const;
  Channel::Duration PatienceWithBody();
  bool Send(std::string_view bytes, Pace& pace);
  bool SendAnswer(const http::Request& request, Answer& answer, bool close);
  bool SendToStranger(std::string_view bytes, Pace& pace);
  bool SendStream(const http::Request& request, const Answer& answer);
  bool MustClose(const http::Request& request, const Answer& answer, Body& body);
  void Linger();
  Pace NewPace() const;

  base::Result<std::string_view> Peek() override;
  void Consume(std::size_t bytes) override { taken_ += bytes; }
  bool SayContinue() override;

  const Surroundings& surroundings_;
  const net::Limits limits_;
  Channel channel_;
  const base::IpAddress peer_;
  const base::WorkerId worker_;
  Crowd::Member member_;
  bool secure_ = false;
  bool plain_on_tls_ = false;
  bool first_ = true;     // no request has come yet
  bool hurried_ = false;  // somebody waits for this thread, and nobody is known to have a right to it
  http::HeadParser parser_;
  std::string raw_;        // the current request's head, which its views look into
  std::string input_;      // what came after it
  std::size_t taken_ = 0;  // of `input_`
  std::uint64_t body_sent_ = 0;
  std::optional<base::MonotonicTime> begun_;  // when the current head's first byte came
  const http::Request* request_ = nullptr;    // the current one, once its head is there
  base::MonotonicTime strange_since_;         // when a stranger's body, or his taking of the answer, was first awaited
  std::optional<Pace> receiving_;
};

}  // namespace portal::control
