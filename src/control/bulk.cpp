#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "control/handlers.h"
#include "service/import/feed_lines.h"
#include "service/import/import.h"
#include "service/import/spool.h"
#include "service/shown_text.h"

namespace portal::control {
namespace {

using base::ErrorCode;

constexpr std::size_t kBatchRows = 2000;
/// What is remembered of ids, to tell repeated ones, is some 100 MiB of so many rows.
constexpr std::uint64_t kMaxRows = 2'000'000;
constexpr std::size_t kMaxKeyBytes = 255;
constexpr std::string_view kNdjson = "application/x-ndjson";
constexpr std::string_view kCsv = "text/csv";

/// A bulk request, all of it received.
struct Feed {
  service::ImportOptions options;
  std::optional<service::ImportKey> key;
  base::TenantId tenant;
  service::Spool body;
};

/// Writes an outcome's line for each row, a batch at a time: the client reads on its own time, with no lock held.
class OutcomeWriter final : public service::ImportListener {
 public:
  OutcomeWriter(const Request& request, AnswerSink& sink) : request_(request), sink_(sink) {}

  base::Status MayWrite() override { return request_.StillAllowed(); }
  void Row(const service::RowOutcome& outcome) override { service::AppendOutcomeLine(outcome, lines_); }
  bool Batch(const service::ImportSummary&) override {
    const bool there = lines_.empty() ? !sink_.gone() : sink_.Write(lines_);
    lines_.clear();
    return there;
  }
  void Finish(const service::ImportSummary& summary) {
    service::AppendSummaryLine(summary, lines_);
    sink_.Write(lines_);
  }

 private:
  const Request& request_;
  AnswerSink& sink_;
  std::string lines_;
};

/// Which of two words a query parameter has; the first when it is absent.
Result<bool> IsSecond(Request& request, const char* name, const std::array<std::string_view, 2>& words) {
  const auto given = request.Query(name);
  if (!given || *given == words[0]) return false;
  if (*given == words[1]) return true;
  return base::Fail(base::Error{ErrorCode::kValidation,
                                std::string("The query parameter ") + name + " is not valid",
                                {},
                                {{name, "Is " + service::Quoted(*given) + "; must be " + std::string(words[0]) +
                                            " or " + std::string(words[1])}}});
}

/// nullopt: there is none.
Result<std::optional<std::string>> ReadKey(const Request& request) {
  std::optional<std::string> key;
  for (const http::HeaderField& field : request.head().fields) {
    if (!base::EqualsIgnoreCase(field.name, "Idempotency-Key")) continue;
    const bool visible = std::ranges::all_of(field.value, [](char c) { return c > ' ' && c <= '~'; });
    if (key || field.value.empty() || field.value.size() > kMaxKeyBytes || !visible) {
      return base::Fail(ErrorCode::kBadRequest,
                        "Idempotency-Key must be there once at the most, with 1 to 255 visible ASCII characters");
    }
    key = field.value;
  }
  return key;
}

/// Of all that makes two requests the same; each part with its length, so that no two lists of parts are alike.
crypto::Sha256Digest HashOf(const Request& request, const crypto::Sha256Digest& body) {
  const std::string type = request.ContentType();
  std::string all;
  for (const std::string_view part :
       {request.head().method_token, request.head().path, request.head().query, std::string_view(type),
        std::string_view(reinterpret_cast<const char*>(body.data()), body.size())}) {
    all.append(std::to_string(part.size())).append(":").append(part);
  }
  return crypto::Sha256(all);
}

Result<service::ImportOptions> ReadOptions(Request& request, service::ImportKind kind) {
  service::ImportOptions options{.kind = kind, .batch_rows = kBatchRows, .max_rows = kMaxRows};
  const auto deletes = IsSecond(request, "operation", {"upsert", "delete"});
  if (!deletes) return base::Fail(deletes.error());
  const auto stops = IsSecond(request, "on_error", {"skip", "stop"});
  if (!stops) return base::Fail(stops.error());
  if (auto good = request.RequireContentType({kNdjson, kCsv}); !good) return base::Fail(std::move(good).error());
  options.operation = *deletes ? service::ImportOperation::kDelete : service::ImportOperation::kUpsert;
  options.on_bad_row = *stops ? service::OnBadRow::kStop : service::OnBadRow::kSkip;
  options.format = request.ContentType() == kCsv ? service::ImportFormat::kCsv : service::ImportFormat::kNdjson;
  return options;
}

/// Told before the answer begins: nothing of such a body can be read.
base::Status CheckBeginning(service::Spool& body, const service::ImportOptions& options) {
  if (auto ready = body.Rewind(); !ready) return ready;
  service::ImportSource source(body.fd());
  if (auto good = service::CheckImportBeginning(source, options); !good) return good;
  return body.Rewind();
}

/// Receives the whole body before the first row is written: a connection that is cut has changed nothing, and one that
/// reads no answer holds up nobody's rows.
Result<Answer> Bulk(const Context& context, Request& request, service::ImportKind kind) {
  auto options = ReadOptions(request, kind);
  if (!options) return base::Fail(std::move(options).error());
  auto key = ReadKey(request);
  if (!key) return base::Fail(std::move(key).error());
  auto body = service::Spool::Create(context.data_folder);
  if (!body) return base::Fail(std::move(body).error());
  const auto received =
      request.ReadBody(context.config.control.max_bulk, [&](std::string_view bytes) { return body->Append(bytes); });
  if (!received) return base::Fail(received.error());
  const crypto::Sha256Digest body_hash = body->Digest();

  const auto feed = std::make_shared<Feed>(Feed{*options, std::nullopt, request.tenant(), *std::move(body)});
  if (*key) {
    feed->key = service::ImportKey{**std::move(key), HashOf(request, body_hash)};
    if (auto free = service::CheckImportKey(*feed->key, feed->tenant, context.database.reader(request.worker()));
        !free) {
      return base::Fail(std::move(free).error());
    }
  }
  if (auto good = CheckBeginning(feed->body, feed->options); !good) return base::Fail(std::move(good).error());
  Answer answer;
  answer.content_type = kNdjson;
  answer.stream = [&context, &request, feed](AnswerSink& sink) {
    OutcomeWriter writer(request, sink);
    service::ImportSource source(feed->body.fd());
    writer.Finish(service::Import(source, feed->options, feed->tenant, context.database, context.clock,
                                  feed->key ? &*feed->key : nullptr, writer));
  };
  return answer;
}

}  // namespace

Result<Answer> FeedContacts(const Context& context, Request& request) {
  return Bulk(context, request, service::ImportKind::kContacts);
}
Result<Answer> FeedJobs(const Context& context, Request& request) {
  return Bulk(context, request, service::ImportKind::kJobs);
}
Result<Answer> FeedFiles(const Context& context, Request& request) {
  return Bulk(context, request, service::ImportKind::kFiles);
}

}  // namespace portal::control
