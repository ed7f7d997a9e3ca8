#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portal::fuzz {

/// A request as it stands in the input: what its answer must be like, whatever it says.
struct Asked {
  bool by_head_method = false;  ///< the answer has no body
  bool must_close = false;      ///< the connection ends with the answer
  std::optional<std::string> request_id;
};

/// The requests in a connection's bytes, up to the first that cannot be read.
struct Conversation {
  std::vector<Asked> requests;
  std::optional<Asked> unfinished;  ///< what the last bytes begin, and how far it can be understood
};
Conversation ReadConversation(std::string_view input);

/// An answer as a client tells one from another, without what is new in each (ids).
struct Answer {
  int status = 0;
  std::size_t content_length = 0;
  std::string fields;
  bool closes = false;
  bool whole = true;

  bool operator==(const Answer&) const = default;
};

/// Reads `output` as the answers to `requests` in their order and requires of each what holds for all: a status of
/// the contract, ids, security headers, a body as long as it says, JSON where it says so. `cut`: the client may
/// have stopped taking bytes anywhere.
std::vector<Answer> ReadAnswers(std::string_view output, const std::vector<Asked>& requests, bool secure, bool cut);

}  // namespace portal::fuzz
