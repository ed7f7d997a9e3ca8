#pragma once

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "service/import/csv_reader.h"
#include "service/import/import_rows.h"
#include "service/import/ndjson_reader.h"

namespace portal::service {

/// What a reader makes of a text.
struct ReadText {
  std::vector<std::string> rows;  ///< id|name|email, `~` for null
  std::vector<BadRow> bad;
  std::optional<BadRow> broken;
};

struct ReadTextOptions {
  bool ignore_unknown = false;
  std::size_t piece_bytes = 1 << 20;  ///< how much of it arrives at a time
};

/// Feeds `text` through a pipe, so that reads end anywhere.
class PipedText {
 public:
  PipedText(const std::string& text, std::size_t piece_bytes) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    read_end_ = base::UniqueFd(ends[0]);
    feeder_ = std::thread([text, piece_bytes, write_end = ends[1]] {
      const base::UniqueFd closing(write_end);
      for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
        const std::string_view piece = std::string_view(text).substr(at, piece_bytes);
        for (std::size_t done = 0; done < piece.size();) {
          const ssize_t put = ::write(write_end, piece.data() + done, piece.size() - done);
          if (put < 0) return;
          done += static_cast<std::size_t>(put);
        }
      }
    });
  }
  ~PipedText() {
    // Whoever stops early leaves a feeder that still has to say something.
    char rest[4096];
    while (::read(read_end_.get(), rest, sizeof(rest)) > 0) {
    }
    feeder_.join();
  }
  int fd() const { return read_end_.get(); }

 private:
  base::UniqueFd read_end_;
  std::thread feeder_;
};

inline ReadText ImportText(const std::string& text, ImportFormat format, ReadTextOptions options = {}) {
  const PipedText pipe(text, options.piece_bytes);
  ImportSource source(pipe.fd());
  std::unique_ptr<ImportRows> rows;
  if (format == ImportFormat::kCsv) {
    rows = std::make_unique<CsvReader>(source, kContactColumns, options.ignore_unknown);
  } else {
    rows = std::make_unique<NdjsonReader>(source, kContactColumns, options.ignore_unknown);
  }
  ReadText read;
  const auto shown = [&](std::size_t column) {
    return rows->cell(column).null ? std::string("~") : std::string(rows->cell(column).text);
  };
  for (;;) {
    switch (rows->Next()) {
      case ImportRows::Outcome::kRow:
        read.rows.push_back(shown(contact_column::kId) + "|" + shown(contact_column::kName) + "|" +
                            shown(contact_column::kEmail));
        break;
      case ImportRows::Outcome::kBadRow:
        read.bad.push_back(rows->problem());
        break;
      case ImportRows::Outcome::kBroken:
        read.broken = rows->problem();
        return read;
      case ImportRows::Outcome::kEnd:
        return read;
    }
  }
}

}  // namespace portal::service
