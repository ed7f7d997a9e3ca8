#include "store/list_sql.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <set>

#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

class ListStatements : public StoreTest {
 protected:
  std::vector<std::string> Plan(const std::string& sql) {
    SQLite::Database db((folder_.path() / "portal.db").string(), SQLite::OPEN_READONLY);
    SQLite::Statement explain(db, "EXPLAIN QUERY PLAN " + sql);
    std::vector<std::string> steps;
    while (explain.executeStep()) steps.push_back(explain.getColumn(3).getString());
    return steps;
  }
};

struct ListKind {
  List list;
  std::uint8_t sorts;
};
constexpr ListKind kLists[] = {{List::kContacts, 3}, {List::kJobs, 3}, {List::kFiles, 2}};
constexpr std::uint8_t kUpdatedAt = 1;

bool Has(unsigned bits, unsigned bit) { return (bits >> bit) % 2 == 1; }

/// Every statement that the list readers can ask for, without and with a search.
std::vector<ListShape> AllShapes(bool search) {
  std::vector<ListShape> shapes;
  for (const ListKind& kind : kLists) {
    if (search && kind.list == List::kFiles) continue;
    for (std::uint8_t sort = 0; sort < kind.sorts; ++sort) {
      for (unsigned bits = 0; bits < 64; ++bits) {
        for (const auto purpose : {ListShape::Purpose::kRows, ListShape::Purpose::kKeys, ListShape::Purpose::kCount}) {
          ListShape shape{.list = kind.list, .sort = sort, .purpose = purpose, .search = search};
          shape.descending = Has(bits, 0);
          shape.after = Has(bits, 1);
          shape.updated_since = Has(bits, 2);
          const bool filter = Has(bits, 3);
          const bool contact = Has(bits, 4);
          const bool email = Has(bits, 5);
          shape.status = filter && kind.list == List::kJobs;
          shape.kind = filter && kind.list == List::kFiles;
          shape.contact = contact && kind.list == List::kJobs;
          shape.email = email && search && kind.list == List::kContacts;
          // What no reader asks for, and what would only be the same shape again.
          if (shape.updated_since && (sort != kUpdatedAt || kind.list == List::kFiles)) continue;
          if (shape.updated_since && shape.after && !shape.descending) continue;
          if (purpose == ListShape::Purpose::kCount && (shape.after || shape.descending)) continue;
          if ((filter && !shape.status && !shape.kind) || contact != shape.contact || email != shape.email) continue;
          shapes.push_back(shape);
        }
      }
    }
  }
  return shapes;
}

TEST_F(ListStatements, WalkOneIndexWithoutAScanOrASort) {
  const std::vector<ListShape> shapes = AllShapes(false);
  ASSERT_GT(shapes.size(), 100u);
  int by_contact = 0;
  for (const ListShape& shape : shapes) {
    const std::string sql = ListSql(shape);
    int searches = 0;
    for (const std::string& step : Plan(sql)) {
      EXPECT_EQ(step.find("TEMP B-TREE"), std::string::npos) << sql << "\n" << step;
      if (step.starts_with("SCAN (subquery") || step.starts_with("CO-ROUTINE")) continue;  // around a count
      ASSERT_TRUE(step.starts_with("SEARCH r USING ")) << sql << "\n" << step;
      EXPECT_NE(step.find("INDEX " + std::string(shape.list == List::kContacts ? "contacts_by_"
                                                 : shape.list == List::kJobs   ? "jobs_by_"
                                                                               : "files_by_")),
                std::string::npos)
          << sql << "\n"
          << step;
      const std::string begins = shape.list == List::kFiles                          ? "(tenant_id=? AND job_id=?"
                                 : step.find("jobs_by_contact") != std::string::npos ? "(tenant_id=? AND contact_id=?"
                                                                                     : "(tenant_id=?";
      EXPECT_NE(step.find(begins), std::string::npos) << sql << "\n" << step;
      by_contact += step.find("jobs_by_contact") != std::string::npos ? 1 : 0;
      if (shape.after) {
        EXPECT_NE(step.find(",id)"), std::string::npos) << sql << "\n" << step;
      }
      if (shape.updated_since) {
        EXPECT_NE(step.find("updated_at>?"), std::string::npos) << sql << "\n" << step;
      }
      if (shape.purpose != ListShape::Purpose::kRows) {
        EXPECT_NE(step.find("USING COVERING INDEX"), std::string::npos) << sql << "\n" << step;
      }
      ++searches;
    }
    EXPECT_EQ(searches, 1) << sql;
  }
  EXPECT_GT(by_contact, 0);
}

TEST_F(ListStatements, OfASearchLetItFindTheRowsAndSortNothingElse) {
  const std::vector<ListShape> shapes = AllShapes(true);
  ASSERT_GT(shapes.size(), 50u);
  for (const ListShape& shape : shapes) {
    const std::string sql = ListSql(shape);
    for (const std::string& step : Plan(sql)) {
      const bool found_by_search = step.find("_search VIRTUAL TABLE INDEX") != std::string::npos;
      const bool by_row_id = step == "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)";
      const bool sort = step == "USE TEMP B-TREE FOR ORDER BY";
      const bool around_a_count = step.starts_with("SCAN (subquery") || step.starts_with("CO-ROUTINE");
      EXPECT_TRUE(found_by_search || by_row_id || sort || around_a_count) << sql << "\n" << step;
    }
  }
}

TEST_F(ListStatements, HaveNumbersOfTheirOwn) {
  std::set<std::uint32_t> numbers;
  std::size_t shapes = 0;
  for (const bool search : {false, true}) {
    for (const ListShape& shape : AllShapes(search)) {
      numbers.insert(shape.Number());
      ++shapes;
    }
  }
  EXPECT_EQ(numbers.size(), shapes);
}

}  // namespace
}  // namespace portal::store::testing
