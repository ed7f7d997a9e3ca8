#include "service/import/ndjson_reader.h"

#include <utility>

namespace portal::service {

NdjsonReader::Outcome NdjsonReader::ParseLine(std::string_view line) {
  const auto complaint = json_.Read(line, cells_);
  if (!complaint) return Outcome::kRow;
  const std::string quoted = "\"" + complaint->member + "\" ";
  switch (complaint->flaw) {
    case FlatJson::Flaw::kSyntax:
    case FlatJson::Flaw::kUnknownMember:
      return Bad(complaint->offset, complaint->message);
    case FlatJson::Flaw::kNoObject:
      return Bad(complaint->offset, "expected one JSON object a line, " + complaint->message);
    case FlatJson::Flaw::kRepeatedMember:
    case FlatJson::Flaw::kMissingMember:
      return Bad(complaint->offset, quoted + complaint->message);
    case FlatJson::Flaw::kBadValue:
      break;
  }
  return Bad(complaint->offset, complaint->member + ": " + complaint->message);
}

NdjsonReader::Outcome NdjsonReader::Next() {
  if (!done_ && Begin() == Outcome::kBroken) {
    done_ = true;
    return Outcome::kBroken;
  }
  while (!done_) {
    const std::string_view pending = source_.Pending();
    const std::size_t newline = pending.find('\n');
    if (newline == std::string_view::npos && pending.size() > kMaxRecordBytes) {
      SetRecord({}, next_line_++);
      DiscardLine();
      return Bad(0, "a line longer than 1 MiB");
    }
    if (newline == std::string_view::npos && !source_.at_end()) {
      source_.More();
      continue;
    }
    if (source_.failure()) return Outcome::kEnd;
    done_ = newline == std::string_view::npos;
    const std::string_view line = pending.substr(0, newline);
    source_.Consume(done_ ? pending.size() : newline + 1);
    SetRecord(line, next_line_++);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (HasBadBytes()) return Outcome::kBadRow;
    return ParseLine(line);
  }
  return Outcome::kEnd;
}

}  // namespace portal::service
