#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"

struct sqlite3;

namespace portal::store {

/// Turns texts and queries into what the search tables hold: words as SQLite's `unicode61` finds and folds
/// them (no case, no diacritics), each with its tenant in front (`t7zsmith`), so that a prefix search never
/// leaves the tenant's postings. What it makes of a text must never change without rebuilding the tables:
/// a row is removed by giving the same words again. Not thread-safe; one per connection.
class SearchWords {
 public:
  explicit SearchWords(sqlite3* db);
  ~SearchWords();
  SearchWords(SearchWords&&) = delete;

  /// Appends the words of `text`.
  void AppendText(const base::TenantId& tenant, std::string_view text, std::string& out);
  /// Appends the one word that stands for a whole address, without regard to ASCII case. Two addresses
  /// may share a word: compare the rows found.
  static void AppendEmail(const base::TenantId& tenant, std::string_view email, std::string& out);
  /// Appends all words of a contact; `company` and `email` are optional texts.
  template <typename Text>
  void AppendContact(const base::TenantId& tenant, std::string_view name, const Text& company, const Text& email,
                     std::string& out) {
    AppendText(tenant, name, out);
    if (company) AppendText(tenant, *company, out);
    if (email) {
      AppendText(tenant, *email, out);
      AppendEmail(tenant, *email, out);
    }
  }

  /// An FTS5 expression for rows that have, for every word of `query`, a word that begins with it. Empty
  /// when `query` has no word. kValidation past kMaxQueryWords different ones.
  base::Result<std::string> PrefixQuery(const base::TenantId& tenant, std::string_view query);
  /// An FTS5 expression for rows with that address.
  static std::string EmailQuery(const base::TenantId& tenant, std::string_view email);

  static constexpr std::size_t kMaxQueryWords = 32;

 private:
  struct Tokenizer;
  void ForEachWord(std::string_view text, base::FunctionRef<void(std::string_view)> word);
  std::unique_ptr<Tokenizer> tokenizer_;
};

}  // namespace portal::store
