#include "service/import/import_rows.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/json_text.h"

namespace portal::service {

namespace {

/// Most records are plain ASCII, which eight bytes at a time show.
bool IsAscii(std::string_view text) {
  std::uint64_t seen = 0;
  while (text.size() >= sizeof(seen)) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), sizeof(word));
    seen |= word;
    text.remove_prefix(sizeof(word));
  }
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  return (seen & 0x8080808080808080U) == 0;
}

}  // namespace

BadRow ImportRows::At(std::size_t offset, std::string message) const {
  const std::string_view before = record_.substr(0, std::min(offset, record_.size()));
  const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto lines = std::ranges::count(before, '\n');
  const auto characters = std::ranges::count_if(before.substr(line_begin),
                                                [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return {line_ + static_cast<std::uint64_t>(lines), static_cast<std::uint64_t>(characters) + 1, std::move(message)};
}

BadRow ImportRows::Complain(std::size_t column, const std::string& message) const {
  return At(cells_[column].offset, std::string(columns_.names[column]) + ": " + message);
}

ImportRows::Outcome ImportRows::Bad(std::size_t offset, std::string message) {
  problem_ = At(offset, std::move(message));
  return Outcome::kBadRow;
}

ImportRows::Outcome ImportRows::Broken(std::size_t offset, std::string message) {
  Bad(offset, std::move(message));
  return Outcome::kBroken;
}

bool ImportRows::HasBadBytes() {
  const std::size_t valid = IsAscii(record_) ? record_.size() : base::ValidUtf8Prefix(record_);
  if (valid != record_.size()) {
    Bad(valid, "not UTF-8; save the file in that encoding");
    return true;
  }
  if (const void* nul = std::memchr(record_.data(), '\0', record_.size())) {
    Bad(static_cast<std::size_t>(static_cast<const char*>(nul) - record_.data()), "a NUL byte, which no text has");
    return true;
  }
  return false;
}

void ImportRows::ClearCells() {
  for (RowCell& cell : cells_) cell = RowCell{};
}

void ImportRows::DiscardLine() {
  for (;;) {
    const std::string_view pending = source_.Pending();
    const std::size_t newline = pending.find('\n');
    if (newline != std::string_view::npos) return source_.Consume(newline + 1);
    source_.Consume(pending.size());
    if (!source_.More()) return;
  }
}

bool ImportRows::CheckBeginning() {
  while (source_.Pending().size() < 3 && source_.More()) {
  }
  const std::string_view start = source_.Pending();
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
    Broken(0, "the file is UTF-16; save it as UTF-8");
    return false;
  }
  if (start.starts_with("\xEF\xBB\xBF")) source_.Consume(3);
  return true;
}

}  // namespace portal::service
