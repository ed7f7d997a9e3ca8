#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace portal::store {

/// A prepared statement on SQLite's C interface, for paths that are run often: SQLiteCpp's columns copy a
/// shared pointer per value. Failures are thrown as SQLite::Exception. Not thread-safe, like its connection.
/// Nothing bound is copied: texts must outlive the run, which `Run` ends.
class Statement {
 public:
  Statement(sqlite3* db, std::string_view sql);
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  void Bind(int parameter, std::int64_t value);
  void Bind(int parameter, std::string_view text);
  void Bind(int parameter, std::string&& text) = delete;
  void Bind(int parameter, std::span<const unsigned char> blob);
  void BindNull(int parameter);
  void Bind(int parameter, const std::optional<std::string>& text);
  void Bind(int parameter, std::optional<std::int64_t> value);

  /// True: a row is there. False: done.
  bool Step();
  void Reset();

  // Columns of the current row; texts and blobs die with it.
  std::int64_t Int(int column) const;
  bool IsNull(int column) const;
  std::optional<std::int64_t> OptionalInt(int column) const;
  std::string_view Text(int column) const;
  std::optional<std::string_view> OptionalText(int column) const;
  std::span<const unsigned char> Blob(int column) const;

 private:
  void Check(int code) const;
  sqlite3_stmt* statement_ = nullptr;
};

/// One run of a statement: leaves it reset, with no lock or snapshot held, however the scope ends.
class Run {
 public:
  explicit Run(Statement& statement) : statement_(statement) {}
  ~Run() { statement_.Reset(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  Statement* operator->() const { return &statement_; }
  Statement& operator*() const { return statement_; }
  /// For statements without rows.
  void Execute() const { statement_.Step(); }

 private:
  Statement& statement_;
};

/// A statement that is prepared when it is first needed.
class LazyStatement {
 public:
  explicit LazyStatement(const char* sql) : sql_(sql) {}
  Statement& On(sqlite3* db) {
    if (!statement_) statement_.emplace(db, sql_);
    return *statement_;
  }

 private:
  const char* sql_;
  std::optional<Statement> statement_;
};

}  // namespace portal::store
