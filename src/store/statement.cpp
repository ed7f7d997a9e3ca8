#include "store/statement.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <utility>

namespace portal::store {

Statement::Statement(sqlite3* db, std::string_view sql) {
  const int code =
      sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) throw SQLite::Exception(db, code);
}

Statement::Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::Bind(int parameter, std::int64_t value) { Check(sqlite3_bind_int64(statement_, parameter, value)); }

void Statement::Bind(int parameter, std::string_view text) {
  // SQLite takes a null pointer for NULL, and an empty view may have one.
  const char* data = text.data() ? text.data() : "";
  Check(sqlite3_bind_text(statement_, parameter, data, static_cast<int>(text.size()), SQLITE_STATIC));
}

void Statement::Bind(int parameter, std::span<const unsigned char> blob) {
  Check(sqlite3_bind_blob(statement_, parameter, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC));
}

void Statement::BindNull(int parameter) { Check(sqlite3_bind_null(statement_, parameter)); }

void Statement::Bind(int parameter, const std::optional<std::string>& text) {
  if (text) {
    Bind(parameter, std::string_view(*text));
  } else {
    BindNull(parameter);
  }
}

void Statement::Bind(int parameter, std::optional<std::int64_t> value) {
  if (value) {
    Bind(parameter, *value);
  } else {
    BindNull(parameter);
  }
}

bool Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw SQLite::Exception(sqlite3_db_handle(statement_), code);
}

void Statement::Reset() { sqlite3_reset(statement_); }

std::int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::optional<std::int64_t> Statement::OptionalInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

std::string_view Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string_view> Statement::OptionalText(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

std::span<const unsigned char> Statement::Blob(int column) const {
  const auto* blob = static_cast<const unsigned char*>(sqlite3_column_blob(statement_, column));
  return {blob, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Statement::Check(int code) const {
  if (code != SQLITE_OK) throw SQLite::Exception(sqlite3_db_handle(statement_), code);
}

}  // namespace portal::store
