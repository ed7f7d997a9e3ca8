#include "fuzz/answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/time_text.h"
#include "fuzz/require.h"
#include "http/head_parser.h"
#include "http/problem.h"

namespace portal::fuzz {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

bool IsIdentifier(std::string_view text, std::size_t most) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= most && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

Asked Describe(const http::Head& head, bool refused) {
  Asked asked;
  asked.by_head_method = head.method == http::Method::kHead;
  asked.must_close = refused || head.has_body || !head.keep_alive;
  std::size_t ids = 0;
  for (const http::HeaderField& field : head.fields) {
    if (!base::EqualsIgnoreCase(field.name, "X-Request-Id")) continue;
    asked.request_id = std::string(field.value);
    ++ids;
  }
  if (ids != 1 || !IsIdentifier(*asked.request_id, 128)) asked.request_id.reset();
  return asked;
}

/// The one value of a field that must be there once.
std::string_view Only(const Fields& fields, std::string_view name) {
  std::string_view value;
  std::size_t count = 0;
  for (const auto& [field, text] : fields) {
    if (!base::EqualsIgnoreCase(field, name)) continue;
    value = text;
    ++count;
  }
  Require(count == 1, std::string("an answer has once: ").append(name));
  return value;
}

bool Has(const Fields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return base::EqualsIgnoreCase(field.first, name); });
}

bool IsInContract(int status) {
  constexpr std::array kSuccess = {200, 204, 206, 304};
  if (std::find(kSuccess.begin(), kSuccess.end(), status) != kSuccess.end()) return true;
  const auto problems = http::AllProblems();
  return std::any_of(problems.begin(), problems.end(), [&](const auto& problem) { return problem.status == status; });
}

int ReadStatus(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  Require(line.starts_with(kVersion) && line.size() > kVersion.size() + 4 && line[kVersion.size() + 3] == ' ',
          "an answer begins with a status line");
  int status = 0;
  const char* const digits = line.data() + kVersion.size();
  Require(std::from_chars(digits, digits + 3, status).ptr == digits + 3, "a status has three digits");
  Require(IsInContract(status), "a status is one of the contract");
  Require(status != 500 && status != 503, "nothing in a request is a bug or an outage");
  return status;
}

Fields ReadFields(std::string_view lines) {
  Fields fields;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(": ");
    Require(colon != std::string_view::npos && colon > 0, "a header line has a name and a value");
    Require(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c != 0x7f; }),
            "a header line is printable ASCII");
    fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return fields;
}

void RequireEveryAnswersFields(const Fields& fields, const Asked& asked, bool secure) {
  const std::string_view request_id = Only(fields, "X-Request-Id");
  Require(IsIdentifier(request_id, 128), "a request id is an identifier");
  Require(!asked.request_id || request_id == *asked.request_id, "an inbound request id is kept");
  Require(IsIdentifier(Only(fields, "X-Trace-Id"), 64), "a trace id is an identifier");
  const std::string_view date = Only(fields, "Date");
  Require(date.size() == 29 && base::ParseHttpDate(date, {}), "Date is a date");
  Require(Only(fields, "X-Content-Type-Options") == "nosniff", "nothing is sniffed");
  Require(Only(fields, "X-Frame-Options") == "DENY", "nothing is framed");
  Require(Only(fields, "Referrer-Policy") == "no-referrer", "no referrer is sent on");
  Require(Only(fields, "Content-Security-Policy").starts_with("default-src 'none'"), "nothing is loaded by default");
  Require(Has(fields, "Strict-Transport-Security") == secure, "HSTS over TLS alone");
  Require(!Has(fields, "Transfer-Encoding"), "every answer says how long it is");
}

void RequireSoundBody(std::string_view body, std::string_view content_type, int status) {
  Require(status < 400 || content_type == http::kProblemJson, "an error is a problem");
  if (content_type != http::kProblemJson && content_type != http::kJson) return;
  Require(nlohmann::json::accept(body), "JSON is JSON");
}

}  // namespace

Conversation ReadConversation(std::string_view input) {
  Conversation conversation;
  while (!input.empty()) {
    http::HeadParser parser;
    http::Head head;
    const auto verdict = parser.Parse(input, head);
    if (std::holds_alternative<http::NeedMore>(verdict)) {
      // Empty lines begin no request (RFC 9112 §2.2).
      if (input.find_first_not_of("\r\n") == std::string_view::npos) return conversation;
      parser.ReadSoFar(input, head);
      conversation.unfinished = Describe(head, true);
      return conversation;
    }
    const bool refused = std::holds_alternative<http::Refusal>(verdict);
    conversation.requests.push_back(Describe(head, refused));
    if (refused) return conversation;
    input.remove_prefix(std::get<http::Complete>(verdict).size_bytes);
  }
  return conversation;
}

std::vector<Answer> ReadAnswers(std::string_view output, const std::vector<Asked>& requests, bool secure, bool cut) {
  std::vector<Answer> answers;
  while (!output.empty()) {
    Require(answers.size() < requests.size(), "there are no more answers than requests");
    Require(answers.empty() || !answers.back().closes, "nothing follows an answer that closes");
    const Asked& asked = requests[answers.size()];

    const std::size_t end = output.find("\r\n\r\n");
    if (cut && end == std::string_view::npos) {
      answers.emplace_back().whole = false;
      return answers;
    }
    Require(end != std::string_view::npos, "an answer has a whole head");
    const std::string_view head = output.substr(0, end + 2);
    output.remove_prefix(end + 4);
    const std::size_t line_end = head.find("\r\n");
    const Fields fields = ReadFields(head.substr(line_end + 2));
    RequireEveryAnswersFields(fields, asked, secure);

    Answer& answer = answers.emplace_back();
    answer.status = ReadStatus(head.substr(0, line_end));
    answer.closes = Has(fields, "Connection") && Only(fields, "Connection") == "close";
    Require(answer.closes || !asked.must_close, "what cannot go on says that it closes");
    for (const auto& [name, value] : fields) {
      if (name == "X-Request-Id" || name == "X-Trace-Id" || name == "Connection") continue;
      answer.fields.append(name).append(":").append(value).append("\n");
    }
    const bool has_length = answer.status != 204 && answer.status != 304;
    Require(Has(fields, "Content-Length") == has_length, "Content-Length where a body could be");
    if (!has_length) continue;
    const std::string_view length = Only(fields, "Content-Length");
    const auto read = std::from_chars(length.data(), length.data() + length.size(), answer.content_length);
    Require(read.ec == std::errc{} && read.ptr == length.data() + length.size(), "Content-Length is a number");
    if (asked.by_head_method) continue;
    answer.whole = output.size() >= answer.content_length;
    Require(answer.whole || cut, "a body is as long as it says");
    if (!answer.whole) return answers;
    RequireSoundBody(output.substr(0, answer.content_length), Only(fields, "Content-Type"), answer.status);
    output.remove_prefix(answer.content_length);
  }
  return answers;
}

}  // namespace portal::fuzz
