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

// A column's value is asked for once and then read with sqlite3_value_*, which spares each row two calls a
// text and the checks of each. SQLite allows that only while no other thread uses the connection
// (sqlite3_column_value): ours are used by one.
namespace {

std::string_view TextOf(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

}  // namespace

std::int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::optional<std::int64_t> Statement::OptionalInt(int column) const {
  sqlite3_value* value = sqlite3_column_value(statement_, column);
  if (sqlite3_value_type(value) == SQLITE_NULL) return std::nullopt;
  return sqlite3_value_int64(value);
}

std::string_view Statement::Text(int column) const { return TextOf(sqlite3_column_value(statement_, column)); }

std::optional<std::string_view> Statement::OptionalText(int column) const {
  sqlite3_value* value = sqlite3_column_value(statement_, column);
  if (sqlite3_value_type(value) == SQLITE_NULL) return std::nullopt;
  return TextOf(value);
}

std::span<const unsigned char> Statement::Blob(int column) const {
  sqlite3_value* value = sqlite3_column_value(statement_, column);
  const auto* blob = static_cast<const unsigned char*>(sqlite3_value_blob(value));
  return {blob, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void Statement::Check(int code) const {
  if (code != SQLITE_OK) throw SQLite::Exception(sqlite3_db_handle(statement_), code);
}

}  // namespace portal::store
