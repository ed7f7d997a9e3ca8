#pragma once

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/unique_fd.h"
#include "fuzz/require.h"
#include "service/import/import_rows.h"

namespace portal::fuzz {

/// What a reader of rows makes of a text.
struct Reading {
  std::vector<std::string> rows;        ///< id|name|email, `~` for null
  std::vector<std::string> complaints;  ///< line:column: message
  bool operator==(const Reading&) const = default;
};

/// The reading end of a pipe that gives `text` in pieces of about that size.
inline base::UniqueFd Pieces(std::string_view text, std::size_t piece) {
  constexpr std::size_t kMostPieces = 200;
  constexpr int kRoom = 1 << 20;
  int ends[2];
  Require(::pipe2(ends, O_DIRECT | O_NONBLOCK) == 0, "there is a pipe of packets");
  base::UniqueFd read_end(ends[0]);
  const base::UniqueFd write_end(ends[1]);
  Require(::fcntl(write_end.get(), F_SETPIPE_SZ, kRoom) >= kRoom, "it has room");
  piece = std::clamp<std::size_t>(piece, text.size() / kMostPieces + 1, PIPE_BUF);
  while (!text.empty()) {
    const ssize_t put = ::write(write_end.get(), text.data(), std::min(piece, text.size()));
    Require(put > 0, "the text fits into the pipe");
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return read_end;
}

/// Reads `text` as columns of contacts from a pipe that gives `piece` bytes at a time. The reader must end, and never
/// go back a line.
template <typename Reader>
Reading ReadAll(const std::string& text, std::size_t piece, bool ignore_unknown) {
  const base::UniqueFd read_end = Pieces(text, piece);
  service::ImportSource source(read_end.get());
  Reader reader(source, service::kContactColumns, ignore_unknown);
  Reading reading;
  std::uint64_t line = 0;
  const std::size_t most = text.size() + 2;  // each outcome consumes a byte at least
  for (bool ended = false; !ended;) {
    Require(reading.rows.size() + reading.complaints.size() <= most, "a reader ends");
    const auto outcome = reader.Next();
    Require(reader.line() >= line, "lines go up");
    line = reader.line();
    switch (outcome) {
      case service::ImportRows::Outcome::kRow: {
        std::string row;
        for (const std::size_t column :
             {service::contact_column::kId, service::contact_column::kName, service::contact_column::kEmail}) {
          const service::RowCell& cell = reader.cell(column);
          Require(base::IsValidUtf8(cell.text), "cells are text");
          Require(cell.text.size() <= service::kMaxFieldBytes, "cells are short");
          Require(cell.null == cell.text.empty(), "what is empty is null");
          row += (row.empty() ? "" : "|") + (cell.null ? "~" : std::string(cell.text));
          const auto complaint = reader.Complain(column, "x");
          Require(complaint.line >= line && complaint.column > 0, "a complaint has a place");
        }
        reading.rows.push_back(std::move(row));
        break;
      }
      case service::ImportRows::Outcome::kBroken:
      case service::ImportRows::Outcome::kBadRow: {
        const service::BadRow& problem = reader.problem();
        Require(base::IsValidUtf8(problem.message), "complaints are text");
        reading.complaints.push_back(std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": " +
                                     problem.message);
        ended = outcome == service::ImportRows::Outcome::kBroken;
        break;
      }
      case service::ImportRows::Outcome::kEnd:
        ended = true;
        break;
    }
  }
  return reading;
}

}  // namespace portal::fuzz
