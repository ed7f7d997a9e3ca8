#include "service/import/csv_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace portal::service {
namespace {

/// The bytes at which an unquoted field cannot simply go on.
constexpr std::array<bool, 256> kStops = [] {
  std::array<bool, 256> stops{};
  for (const char c : {',', '\n', '\r', '"'}) stops[static_cast<unsigned char>(c)] = true;
  return stops;
}();

std::string Plural(std::size_t count) { return std::to_string(count) + (count == 1 ? " column" : " columns"); }

}  // namespace

CsvReader::Parse CsvReader::Complaint(std::size_t offset, std::string message) {
  complaint_offset_ = offset;
  complaint_ = std::move(message);
  return Parse::kBad;
}

CsvReader::Parse CsvReader::ParseQuoted(std::string_view text, bool at_end, std::size_t& at) {
  quoted_ = true;
  const std::size_t open = at++;
  const std::size_t unescaped_begin = unescaped_.size();
  std::size_t segment = at;
  for (;;) {
    const void* found = std::memchr(text.data() + at, '"', text.size() - at);
    if (!found) {
      complaint_offset_ = open;
      return Parse::kOpenQuote;
    }
    at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (at + 1 == text.size() && !at_end) return Parse::kNeedMore;
    const bool doubled = at + 1 < text.size() && text[at + 1] == '"';
    if (!doubled) break;
    if (unescaped_.capacity() < text.size()) unescaped_.reserve(text.size() + kMaxRecordBytes);
    unescaped_.append(text, segment, at + 1 - segment);
    at += 2;
    segment = at;
  }
  const bool copied = unescaped_.size() > unescaped_begin;
  if (copied) unescaped_.append(text, segment, at - segment);
  AddField(copied ? std::string_view(unescaped_).substr(unescaped_begin) : text.substr(segment, at - segment), open);
  ++at;
  return Parse::kComplete;
}

CsvReader::Parse CsvReader::ParseRecord(std::string_view text, bool at_end) {
  field_count_ = 0;
  quoted_ = false;
  unescaped_.clear();
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = at;
    if (at < text.size() && text[at] == '"') {
      if (const Parse parsed = ParseQuoted(text, at_end, at); parsed != Parse::kComplete) return parsed;
    } else {
      while (at < text.size() && !kStops[static_cast<unsigned char>(text[at])]) ++at;
      AddField(text.substr(begin, at - begin), begin);
    }
    if (Fields().back().text.size() > kMaxFieldBytes) return Complaint(begin, "a field longer than 64 KiB");
    if (at == text.size()) {
      length_ = at;
      return at_end ? Parse::kComplete : Parse::kNeedMore;
    }
    switch (text[at]) {
      case ',':
        ++at;
        continue;
      case '\n':
        length_ = at + 1;
        return Parse::kComplete;
      case '\r':
        if (at + 1 == text.size() && !at_end) return Parse::kNeedMore;
        if (at + 1 == text.size() || text[at + 1] == '\n') {
          length_ = std::min(at + 2, text.size());
          return Parse::kComplete;
        }
        return Complaint(at, "a carriage return that ends no line; put the field in quotes");
      case '"':
        return Complaint(at, "a quote inside a field without quotes; put the field in quotes and double it");
      default:
        return Complaint(at, "text after the closing quote; double the quotes inside a field");
    }
  }
}

CsvReader::Outcome CsvReader::Refuse(Parse outcome, std::string_view pending) {
  if (outcome == Parse::kOpenQuote) {
    done_ = true;
    return Broken(complaint_offset_, pending.size() > kMaxRecordBytes
                                         ? "a quote opens here and is not closed within 1 MiB"
                                         : "a quote opens here and is never closed");
  }
  const bool too_long = outcome == Parse::kNeedMore;
  Bad(too_long ? 0 : complaint_offset_, too_long ? "a record longer than 1 MiB" : std::move(complaint_));
  const std::size_t skipped = too_long ? pending.size() : complaint_offset_;
  next_line_ += static_cast<std::uint64_t>(std::ranges::count(pending.substr(0, skipped), '\n')) + 1;
  source_.Consume(skipped);
  DiscardLine();
  return Outcome::kBadRow;
}

CsvReader::Outcome CsvReader::NextRecord() {
  for (;;) {
    const std::string_view pending = source_.Pending();
    if (pending.empty() && !source_.More()) return Outcome::kEnd;
    if (pending.empty()) continue;
    const Parse parsed = ParseRecord(pending, source_.at_end());
    SetRecord(pending, next_line_);
    if (parsed == Parse::kBad) return Refuse(parsed, pending);
    if (parsed != Parse::kComplete) {
      const bool too_long = pending.size() > kMaxRecordBytes;
      if (too_long || (source_.at_end() && parsed == Parse::kOpenQuote)) return Refuse(parsed, pending);
      // At the end, the same bytes are parsed again as the last record; half of one after a failure is none.
      if (!source_.More() && source_.failure()) return Outcome::kEnd;
      continue;
    }
    const std::string_view record = pending.substr(0, length_);
    SetRecord(record, next_line_);
    const auto line_feeds = quoted_ ? std::ranges::count(record, '\n') : 1;
    next_line_ += static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(1, line_feeds));
    source_.Consume(length_);
    if (field_count_ == 1 && fields_.front().text.empty()) continue;
    return HasBadBytes() ? Outcome::kBadRow : Outcome::kRow;
  }
}

CsvReader::Outcome CsvReader::ReadBeginning() {
  if (!CheckBeginning()) return Outcome::kBroken;
  const Outcome outcome = NextRecord();
  if (outcome == Outcome::kBadRow) return Outcome::kBroken;
  if (outcome == Outcome::kEnd && source_.failure()) return outcome;
  if (outcome == Outcome::kEnd) return Broken(0, "the file is empty; its first line must name the columns");
  if (outcome == Outcome::kBroken) return outcome;
  if (field_count_ == 1 && fields_.front().text.find_first_of(";\t") != std::string_view::npos) {
    return Broken(0, "the columns must be separated by commas");
  }
  for (const Field& field : Fields()) {
    const std::size_t column = columns_.Find(field.text);
    if (column == RowColumns::kNone && !ignore_unknown_) return Broken(field.offset, columns_.Unknown(field.text));
    if (column != RowColumns::kNone && std::ranges::find(column_of_, column) != column_of_.end()) {
      return Broken(field.offset, "the column \"" + std::string(field.text) + "\" is named twice");
    }
    column_of_.push_back(column);
  }
  for (std::size_t i = 0; i < columns_.required; ++i) {
    if (std::ranges::find(column_of_, i) == column_of_.end()) {
      return Broken(0, "the column \"" + std::string(columns_.names[i]) + "\" is missing");
    }
  }
  return Outcome::kRow;
}

CsvReader::Outcome CsvReader::CheckColumns() {
  if (field_count_ == column_of_.size()) return Outcome::kRow;
  const bool too_many = field_count_ > column_of_.size();
  const std::size_t offset = too_many ? fields_[column_of_.size()].offset : Fields().back().offset;
  return Bad(offset,
             "expected " + Plural(column_of_.size()) + " as in the first line, found " + std::to_string(field_count_));
}

CsvReader::Outcome CsvReader::Next() {
  if (done_) return Outcome::kEnd;
  if (const Outcome outcome = Begin(); outcome != Outcome::kRow) {
    done_ = true;
    return outcome;
  }
  if (const Outcome outcome = NextRecord(); outcome != Outcome::kRow) return outcome;
  if (const Outcome outcome = CheckColumns(); outcome != Outcome::kRow) return outcome;
  ClearCells();
  for (std::size_t i = 0; i < field_count_; ++i) {
    if (column_of_[i] == RowColumns::kNone) continue;
    cells_[column_of_[i]] = {fields_[i].text, fields_[i].text.empty(), fields_[i].offset};
  }
  return Outcome::kRow;
}

}  // namespace portal::service
