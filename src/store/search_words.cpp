#include "store/search_words.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/hex.h"
#include "base/json_text.h"

namespace portal::store {
namespace {

// Longer words are cut, in rows and queries alike.
constexpr std::size_t kMaxWordBytes = 64;

fts5_api* Fts5Of(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr);
  if (code == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
    code = sqlite3_finalize(statement);
  }
  if (code != SQLITE_OK || !api) throw SQLite::Exception(db, code == SQLITE_OK ? SQLITE_ERROR : code);
  return api;
}

void AppendTenant(char kind, const base::TenantId& tenant, std::string& out) {
  out += kind;
  base::AppendDecimal(tenant.value(), out);
  out += 'z';
}

std::uint64_t Fnv1aOfLowerCase(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    hash = (hash ^ static_cast<unsigned char>(lower)) * 1099511628211ULL;
  }
  return hash;
}

}  // namespace

struct SearchWords::Tokenizer {
  fts5_tokenizer methods{};
  Fts5Tokenizer* instance = nullptr;
  ~Tokenizer() {
    if (instance) methods.xDelete(instance);
  }
};

SearchWords::SearchWords(sqlite3* db) : tokenizer_(std::make_unique<Tokenizer>()) {
  fts5_api* api = Fts5Of(db);
  void* context = nullptr;
  std::array<const char*, 2> options = {"remove_diacritics", "2"};
  int code = api->xFindTokenizer(api, "unicode61", &context, &tokenizer_->methods);
  if (code == SQLITE_OK) {
    code = tokenizer_->methods.xCreate(context, options.data(), options.size(), &tokenizer_->instance);
  }
  if (code != SQLITE_OK) throw SQLite::Exception("FTS5 has no unicode61 tokenizer", code);
}

SearchWords::~SearchWords() = default;

void SearchWords::ForEachWord(std::string_view text, base::FunctionRef<void(std::string_view)> word) {
  const auto take = [](void* context, int, const char* token, int size, int, int) -> int {
    const std::string_view whole(token, static_cast<std::size_t>(size));
    (*static_cast<base::FunctionRef<void(std::string_view)>*>(context))(whole.substr(0, kMaxWordBytes));
    return SQLITE_OK;
  };
  const int code = tokenizer_->methods.xTokenize(tokenizer_->instance, &word, FTS5_TOKENIZE_DOCUMENT, text.data(),
                                                 static_cast<int>(text.size()), take);
  if (code != SQLITE_OK) throw SQLite::Exception("FTS5 cannot split a text into words", code);
}

void SearchWords::AppendText(const base::TenantId& tenant, std::string_view text, std::string& out) {
  ForEachWord(text, [&](std::string_view word) {
    AppendTenant('t', tenant, out);
    out += word;
    out += ' ';
  });
}

void SearchWords::AppendEmail(const base::TenantId& tenant, std::string_view email, std::string& out) {
  AppendTenant('e', tenant, out);
  const std::uint64_t hash = Fnv1aOfLowerCase(email);
  std::array<unsigned char, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(hash >> (8 * i));
  base::AppendHex(bytes, out);
  out += ' ';
}

base::Result<std::string> SearchWords::PrefixQuery(const base::TenantId& tenant, std::string_view query) {
  std::vector<std::string> words;
  ForEachWord(query, [&](std::string_view word) {
    const bool known = std::find(words.begin(), words.end(), word) != words.end();
    if (!known && words.size() <= kMaxQueryWords) words.emplace_back(word);
  });
  if (words.size() > kMaxQueryWords) {
    const std::string detail = "q has more than " + std::to_string(kMaxQueryWords) + " different words";
    return base::Fail(base::Error{base::ErrorCode::kValidation, detail, {}, {{"q", detail}}});
  }
  std::string expression;
  for (const std::string& word : words) {
    if (!expression.empty()) expression += " AND ";
    // Words are letters and digits only, so nothing in the quotes can end them.
    expression += '"';
    AppendTenant('t', tenant, expression);
    expression += word;
    expression += "\"*";
  }
  return expression;
}

std::string SearchWords::EmailQuery(const base::TenantId& tenant, std::string_view email) {
  std::string word;
  AppendEmail(tenant, email, word);
  word.pop_back();
  return '"' + word + '"';
}

}  // namespace portal::store
