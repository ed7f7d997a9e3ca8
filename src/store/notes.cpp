#include "store/notes.h"

#include <charconv>

#include "store/column_values.h"
#include "store/statement.h"

namespace portal::store {
namespace {

constexpr const char* kRead = "SELECT value FROM meta WHERE name = ?1";
constexpr const char* kWrite =
    "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
constexpr const char* kRemove = "DELETE FROM meta WHERE name = ?1";

}  // namespace

std::optional<std::string> ReadNote(sqlite3* db, std::string_view name) {
  Statement read(db, kRead);
  read.Bind(1, name);
  if (!read.Step()) return std::nullopt;
  return std::string(read.Text(0));
}

void WriteNote(sqlite3* db, std::string_view name, std::string_view value) {
  Statement write(db, kWrite);
  write.Bind(1, name);
  write.Bind(2, value);
  write.Step();
}

void RemoveNote(sqlite3* db, std::string_view name) {
  Statement remove(db, kRemove);
  remove.Bind(1, name);
  remove.Step();
}

std::optional<base::WallTime> ReadTimeNote(sqlite3* db, std::string_view name) {
  const std::optional<std::string> text = ReadNote(db, name);
  if (!text) return std::nullopt;
  std::int64_t ms = 0;
  std::from_chars(text->data(), text->data() + text->size(), ms);
  return ToTime(ms);
}

void WriteTimeNote(sqlite3* db, std::string_view name, base::WallTime time) {
  WriteNote(db, name, std::to_string(ToMs(time)));
}

}  // namespace portal::store
