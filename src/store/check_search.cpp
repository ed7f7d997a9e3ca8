#include "store/check_search.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <sstream>
#include <string_view>

#include "base/function_ref.h"
#include "store/statement.h"

namespace portal::store {
namespace {

constexpr const char* kVocabularies =
    "PRAGMA temp_store = MEMORY;"
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.contacts_words USING fts5vocab('main', 'contacts_search', 'instance');"
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.jobs_words USING fts5vocab('main', 'jobs_search', 'instance');";

// A million pairs of a word and a row take 8 MB while they are compared.
constexpr std::int64_t kRowsCompared = 100'000;
constexpr std::int64_t kRowsATransaction = 1'000;

struct Index {
  const char* of;    ///< whose words
  const char* rows;  ///< of tenant ?1 behind row_id ?2 up to ?3: row_id and what its words are made of
  const char* last;  ///< the row_id of tenant ?1 that is ?3 rows behind row_id ?2
  bool contacts;     ///< else jobs
  const char* pairs;
  const char* next_word;
  const char* add;
  const char* remove;
};
constexpr std::array kIndexes = {
    Index{"contacts",
          "SELECT row_id, name, company, email FROM contacts WHERE tenant_id = ?1 AND row_id > ?2 AND row_id <= ?3",
          "SELECT row_id FROM contacts WHERE tenant_id = ?1 AND row_id > ?2 ORDER BY row_id LIMIT 1 OFFSET ?3", true,
          "SELECT term, doc FROM temp.contacts_words WHERE term >= ?1 AND term < ?2",
          "SELECT term FROM temp.contacts_words WHERE term >= ?1 LIMIT 1",
          "INSERT INTO contacts_search (rowid, words) VALUES (?1, ?2)",
          "INSERT INTO contacts_search (contacts_search, rowid, words) VALUES ('delete', ?1, ?2)"},
    Index{"jobs", "SELECT row_id, title FROM jobs WHERE tenant_id = ?1 AND row_id > ?2 AND row_id <= ?3",
          "SELECT row_id FROM jobs WHERE tenant_id = ?1 AND row_id > ?2 ORDER BY row_id LIMIT 1 OFFSET ?3", false,
          "SELECT term, doc FROM temp.jobs_words WHERE term >= ?1 AND term < ?2",
          "SELECT term FROM temp.jobs_words WHERE term >= ?1 LIMIT 1",
          "INSERT INTO jobs_search (rowid, words) VALUES (?1, ?2)",
          "INSERT INTO jobs_search (jobs_search, rowid, words) VALUES ('delete', ?1, ?2)"}};

/// Row ids behind the first, up to the second.
struct Range {
  std::int64_t after = std::numeric_limits<std::int64_t>::min();
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
};

using Pair = base::FunctionRef<void(std::string_view word, std::int64_t row_id)>;

/// A word and a row as one number; two pairs of the same one are less likely than a bit that flips.
std::uint64_t Mix(std::string_view word, std::int64_t row_id) {
  std::uint64_t hash = 14695981039346656037ULL ^ (static_cast<std::uint64_t>(row_id) * 0x9e3779b97f4a7c15ULL);
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash ^ (hash >> 29);
}

/// What the rows say the table must hold, each pair once.
void ForEachExpected(sqlite3* db, const Index& index, SearchWords& words, const base::TenantId& tenant, Range range,
                     Pair pair) {
  Statement rows(db, index.rows);
  rows.Bind(1, tenant.value());
  rows.Bind(2, range.after);
  rows.Bind(3, range.last);
  std::string text;
  std::set<std::string_view> seen;
  while (rows.Step()) {
    text.clear();
    seen.clear();
    if (index.contacts) {
      words.AppendContact(tenant, rows.Text(1), rows.OptionalText(2), rows.OptionalText(3), text);
    } else {
      words.AppendText(tenant, rows.Text(1), text);
    }
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t space = std::min(rest.find(' '), rest.size());
      if (space > 0) seen.insert(rest.substr(0, space));
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
    for (const std::string_view word : seen) pair(word, rows.Int(0));
  }
}

/// What the table holds for that tenant: words begin with a letter for their kind, the tenant and `z`.
void ForEachFound(sqlite3* db, const Index& index, const base::TenantId& tenant, Range range, Pair pair) {
  for (const char* kind : {"e", "t"}) {
    const std::string first = kind + std::to_string(tenant.value()) + "z";
    const std::string end = kind + std::to_string(tenant.value()) + "{";
    Statement pairs(db, index.pairs);
    pairs.Bind(1, std::string_view(first));
    pairs.Bind(2, std::string_view(end));
    while (pairs.Step()) {
      if (const std::int64_t row_id = pairs.Int(1); row_id > range.after && row_id <= range.last) {
        pair(pairs.Text(0), row_id);
      }
    }
  }
}

/// `t7zsmith` is tenant 7's.
std::optional<std::int64_t> TenantOf(std::string_view word) {
  std::int64_t tenant = 0;
  if (word.size() < 3) return std::nullopt;
  const auto [end, error] = std::from_chars(word.data() + 1, word.data() + word.size(), tenant);
  if (error != std::errc{} || end == word.data() + word.size() || *end != 'z') return std::nullopt;
  return tenant;
}

void Change(Statement& statement, std::int64_t row_id, const std::string& words) {
  if (words.empty()) return;
  const Run run(statement);
  run->Bind(1, row_id);
  run->Bind(2, std::string_view(words));
  run.Execute();
}

/// Those words of a text that are, or are not, in a set.
std::string Only(const std::string& text, const std::set<std::string>& words, bool in) {
  std::string found;
  std::istringstream rest(text);
  for (std::string word; rest >> word;) {
    if (words.contains(word) == in) found.append(word).append(" ");
  }
  return found;
}

}  // namespace

SearchCheck::SearchCheck(sqlite3* db) : db_(db), words_(db) {
  if (const int code = sqlite3_exec(db, kVocabularies, nullptr, nullptr, nullptr); code != SQLITE_OK) {
    throw SQLite::Exception(db, code);
  }
}

std::size_t SearchCheck::tables() { return kIndexes.size(); }

std::optional<std::string> SearchCheck::Examine(std::size_t table, const base::TenantId& tenant,
                                                const std::string& slug) {
  const Index& index = kIndexes[table];
  // Sums do not depend on the order, which differs, and take no memory.
  std::uint64_t expected = 0;
  std::uint64_t held = 0;
  ForEachExpected(db_, index, words_, tenant, {},
                  [&](std::string_view word, std::int64_t row_id) { expected += Mix(word, row_id); });
  ForEachFound(db_, index, tenant, {}, [&](std::string_view word, std::int64_t row_id) { held += Mix(word, row_id); });
  if (expected == held) return std::nullopt;
  return std::string("search does not find the ") + index.of + " of tenant " + slug + " by their words";
}

SearchCheck::Difference SearchCheck::Compare(std::size_t table, const base::TenantId& tenant, std::int64_t after) {
  const Index& index = kIndexes[table];
  Difference difference{.table = table, .absent = {}, .extra = {}, .last = {}};
  Range range{.after = after};
  Statement last(db_, index.last);
  last.Bind(1, tenant.value());
  last.Bind(2, after);
  last.Bind(3, kRowsCompared - 1);
  if (last.Step()) difference.last = range.last = last.Int(0);

  std::vector<std::uint64_t> expected;
  ForEachExpected(db_, index, words_, tenant, range,
                  [&](std::string_view word, std::int64_t row_id) { expected.push_back(Mix(word, row_id)); });
  std::ranges::sort(expected);
  std::vector<bool> seen(expected.size());
  const auto place = [&](std::string_view word, std::int64_t row_id) -> std::optional<std::size_t> {
    const auto at = std::ranges::lower_bound(expected, Mix(word, row_id));
    if (at == expected.end() || *at != Mix(word, row_id)) return std::nullopt;
    return static_cast<std::size_t>(at - expected.begin());
  };
  ForEachFound(db_, index, tenant, range, [&](std::string_view word, std::int64_t row_id) {
    if (const auto at = place(word, row_id)) {
      seen[*at] = true;
    } else {
      difference.extra[row_id].append(word).append(" ");
    }
  });
  ForEachExpected(db_, index, words_, tenant, range, [&](std::string_view word, std::int64_t row_id) {
    if (!seen[*place(word, row_id)]) difference.absent[row_id].append(word).append(" ");
  });
  return difference;
}

std::int64_t SearchCheck::RepairSome(Difference& difference, const base::TenantId& tenant) {
  const Index& index = kIndexes[difference.table];
  Statement add(db_, index.add);
  Statement remove(db_, index.remove);
  std::int64_t rows = 0;
  for (; rows < kRowsATransaction && !(difference.absent.empty() && difference.extra.empty()); ++rows) {
    const bool extra_first =
        difference.absent.empty() ||
        (!difference.extra.empty() && difference.extra.begin()->first < difference.absent.begin()->first);
    const std::int64_t row_id = (extra_first ? difference.extra : difference.absent).begin()->first;
    std::set<std::string> now;
    ForEachExpected(db_, index, words_, tenant, {.after = row_id - 1, .last = row_id},
                    [&](std::string_view word, std::int64_t) { now.emplace(word); });
    // To add a word that a writer has added meanwhile changes nothing.
    if (auto absent = difference.absent.extract(row_id)) Change(add, row_id, Only(absent.mapped(), now, true));
    if (auto extra = difference.extra.extract(row_id)) Change(remove, row_id, Only(extra.mapped(), now, false));
  }
  return rows;
}

std::vector<base::TenantId> SearchCheck::TenantsWithWords() {
  std::set<std::int64_t> tenants;
  for (const Index& index : kIndexes) {
    std::string from;
    for (;;) {
      Statement next(db_, index.next_word);
      next.Bind(1, std::string_view(from));
      if (!next.Step()) break;
      const std::string word(next.Text(0));
      const auto tenant = TenantOf(word);
      tenants.insert(tenant.value_or(0));  // no tenant has that number
      from = tenant ? word.substr(0, 1) + std::to_string(*tenant) + "{" : word + '\1';
      if (from <= word) break;
    }
  }
  return {tenants.begin(), tenants.end()};
}

}  // namespace portal::store
