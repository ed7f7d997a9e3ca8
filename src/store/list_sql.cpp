#include "store/list_sql.h"

#include <array>
#include <span>

#include "model/page.h"

namespace portal::store {
namespace {

struct SortOrder {
  std::string_view key;
  std::string_view index;
};

struct ListTable {
  std::string_view table;
  std::string_view search;
  std::string_view columns;
  std::span<const SortOrder> sorts;
};

constexpr std::array<SortOrder, 3> kContactSorts = {
    {{"created_at", "contacts_by_created"}, {"updated_at", "contacts_by_updated"}, {"name", "contacts_by_name"}}};
constexpr std::array<SortOrder, 3> kJobSorts = {
    {{"created_at", "jobs_by_created"}, {"updated_at", "jobs_by_updated"}, {"scheduled_order", "jobs_by_scheduled"}}};
constexpr std::array<SortOrder, 2> kFileSorts = {{{"created_at", "files_by_created"}, {"name", "files_by_name"}}};

// In the order of List. The columns are read by number in contacts.cpp, jobs.cpp and files.cpp.
constexpr std::array<ListTable, 3> kTables = {
    {{"contacts", "contacts_search", ", r.name, r.email, r.phone, r.company, r.address, r.created_at, r.updated_at",
      kContactSorts},
     {"jobs", "jobs_search",
      ", r.title, r.status, r.contact_id, r.address, r.scheduled_at, r.completed_at, r.created_at, r.updated_at",
      kJobSorts},
     {"files", "", ", r.name, r.kind, r.content_type, r.size_bytes, r.sha256, r.created_at", kFileSorts}}};

std::string_view IndexFor(const ListShape& shape) {
  // A contact's jobs are few among a tenant's; one index has them together, in the default order.
  if (shape.contact && (shape.sort == 0 || shape.purpose == ListShape::Purpose::kCount) && !shape.updated_since) {
    return "jobs_by_contact";
  }
  return kTables[static_cast<std::size_t>(shape.list)].sorts[shape.sort].index;
}

/// The words of a search name its tenant: without another filter, its rows are counted without looking at them.
bool CountsSearchAlone(const ListShape& shape) {
  const bool narrowed = shape.email || shape.updated_since || shape.status || shape.contact || shape.kind;
  return shape.purpose == ListShape::Purpose::kCount && shape.search && !narrowed;
}

std::string FromAndWhere(const ListShape& shape) {
  const ListTable& table = kTables[static_cast<std::size_t>(shape.list)];
  if (CountsSearchAlone(shape))
    return " FROM " + std::string(table.search) + " WHERE " + std::string(table.search) + " MATCH ?6";
  const std::string key(table.sorts[shape.sort].key);
  std::string sql = " FROM ";
  if (shape.search) {
    // CROSS JOIN fixes the order: the search finds the rows, their table only completes them.
    sql.append(table.search).append(" CROSS JOIN ").append(table.table);
    sql.append(" AS r ON r.row_id = ").append(table.search).append(".rowid WHERE ");
    sql.append(table.search).append(" MATCH ?6 AND r.tenant_id = ?1");
  } else {
    // INDEXED BY: a plan that needs another index is an error here, not a surprise in production.
    sql.append(table.table).append(" AS r INDEXED BY ").append(IndexFor(shape)).append(" WHERE r.tenant_id = ?1");
  }
  if (shape.list == List::kFiles) sql += " AND r.job_id = ?12";
  if (shape.after) sql += " AND (r." + key + ", r.id) " + (shape.descending ? "<" : ">") + " (?2, ?3)";
  if (shape.updated_since) sql += " AND r.updated_at >= ?8";
  if (shape.email) sql += " AND r.email = ?7 COLLATE NOCASE";
  if (shape.status) sql += " AND r.status = ?9";
  if (shape.contact) sql += " AND r.contact_id = ?10";
  if (shape.kind) sql += " AND r.kind = ?11";
  return sql;
}

}  // namespace

std::uint32_t ListShape::Number() const {
  std::uint32_t number = static_cast<std::uint32_t>(list);
  number = number * 4 + sort;
  number = number * 4 + static_cast<std::uint32_t>(purpose);
  for (const bool flag : {descending, after, search, email, updated_since, status, contact, kind}) {
    number = number * 2 + (flag ? 1 : 0);
  }
  return number;
}

std::string ListSql(const ListShape& shape) {
  const ListTable& table = kTables[static_cast<std::size_t>(shape.list)];
  if (shape.purpose == ListShape::Purpose::kCount) {
    return "SELECT count(*) FROM (SELECT 1" + FromAndWhere(shape) + " LIMIT " +
           std::to_string(model::kMaxExactTotal + 1) + ")";
  }
  const std::string key = "r." + std::string(table.sorts[shape.sort].key);
  std::string sql = "SELECT " + key + ", r.id";
  if (shape.purpose == ListShape::Purpose::kRows) sql += table.columns;
  sql += FromAndWhere(shape);
  const std::string_view direction = shape.descending ? " DESC" : "";
  sql.append(" ORDER BY ").append(key).append(direction).append(", r.id").append(direction);
  sql += " LIMIT ?4 OFFSET ?5";
  return sql;
}

bool SortsByText(List list, std::uint8_t sort) {
  return kTables[static_cast<std::size_t>(list)].sorts[sort].key == "name";
}

}  // namespace portal::store
