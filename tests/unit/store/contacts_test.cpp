#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

class Contacts : public StoreTest {};

TEST_F(Contacts, AreFoundWithAllTheirFields) {
  model::Contact contact = MakeContact(1, "Ada Lovelace", 1'500);
  contact.email = "ada@example.com";
  contact.phone = "";
  contact.address = "12 St James's Square";
  contact.updated_at = Ms(2'500);
  PutContacts(acme_, {contact});

  int rows = 0;
  const base::Status found = reader().contacts.Find(acme_, ContactUuid(1), [&](const model::ContactView& row) {
    ++rows;
    EXPECT_EQ(row.id, ContactUuid(1));
    EXPECT_EQ(row.name, "Ada Lovelace");
    EXPECT_EQ(row.email, "ada@example.com");
    EXPECT_EQ(row.phone, "");
    EXPECT_EQ(row.company, std::nullopt);
    EXPECT_EQ(row.address, "12 St James's Square");
    EXPECT_EQ(row.created_at, Ms(1'500));
    EXPECT_EQ(row.updated_at, Ms(2'500));
  });
  EXPECT_TRUE(found);
  EXPECT_EQ(rows, 1);
}

TEST_F(Contacts, OfAnotherTenantDoNotExist) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  const auto ignore = [](const model::ContactView&) {};
  for (const std::string& id : {ContactUuid(1), ContactUuid(2), std::string("nonsense"), std::string()}) {
    const base::Status found = reader().contacts.Find(globex_, id, ignore);
    ASSERT_FALSE(found) << id;
    EXPECT_EQ(found.error().code, base::ErrorCode::kNotFound) << id;
    EXPECT_EQ(found.error().detail, "Contact not found") << id;
    EXPECT_EQ(reader().contacts.Exists(globex_, id), false) << id;
  }
  EXPECT_EQ(reader().contacts.Exists(acme_, ContactUuid(1)), true);
  EXPECT_EQ(ListContacts(globex_, {}).info.total, 0);
}

TEST_F(Contacts, SearchFindsPrefixesOfWordsOfNameCompanyAndEmail) {
  model::Contact ada = MakeContact(1, "Ada Lovelace");
  ada.company = "Société Générale";
  ada.email = "ada.l@example.com";
  model::Contact bob = MakeContact(2, "Bob Adams");
  bob.email = "bob@example.org";
  PutContacts(acme_, {ada, bob});
  PutContacts(globex_, {MakeContact(3, "Ada Other")});

  const struct {
    const char* q;
    std::vector<std::string> ids;
  } cases[] = {
      {"ada", {ContactUuid(2), ContactUuid(1)}},
      {"ADA love", {ContactUuid(1)}},
      {"generale societe", {ContactUuid(1)}},
      {"example", {ContactUuid(2), ContactUuid(1)}},
      {"org", {ContactUuid(2)}},
      {"lace", {}},
      {"other", {}},
      {"t1zada", {}},
  };
  for (const auto& row : cases) {
    model::ContactQuery query;
    query.search = row.q;
    const Page page = ListContacts(acme_, query);
    EXPECT_EQ(page.ids, row.ids) << row.q;
    EXPECT_EQ(page.info.total, static_cast<std::int64_t>(row.ids.size())) << row.q;
  }
}

TEST_F(Contacts, SearchTakesAnyText) {
  PutContacts(acme_, {MakeContact(1, "Ada Lovelace")});
  const std::string hostile[] = {"",
                                 " ",
                                 "\"",
                                 "\"\"\"",
                                 "AND",
                                 "ada AND",
                                 "NOT ada",
                                 "ada*",
                                 "name:ada",
                                 "^ada",
                                 "{ada} : x",
                                 "-",
                                 "(((",
                                 "NEAR(ada lovelace, 2)",
                                 "\xF0\x9F\x98\x80",
                                 "\xFF\xFE\x80",
                                 std::string("ada\0love", 8),
                                 "';--",
                                 std::string(10'000, 'a'),
                                 std::string(10'000, '"')};
  for (const std::string& q : hostile) {
    model::ContactQuery query;
    query.search = q;
    auto snapshot = reader().Begin(false);
    const auto page = reader().contacts.List(acme_, query, [](const model::ContactView&) {});
    EXPECT_TRUE(page) << q.substr(0, 40) << ": " << page.error().detail << page.error().internal;
  }
}

TEST_F(Contacts, ASearchWithoutAWordFindsNothing) {
  PutContacts(acme_, {MakeContact(1, "Ada Lovelace")});
  for (const char* q : {"", "  ", "!?", "\"*\""}) {
    model::ContactQuery query;
    query.search = q;
    EXPECT_EQ(ListContacts(acme_, query).info.total, 0) << q;
  }
}

TEST_F(Contacts, ASearchOfTooManyWordsIsRefusedByName) {
  std::string q;
  for (int i = 0; i < 33; ++i) q += "w" + std::to_string(i) + " ";
  model::ContactQuery query;
  query.search = q;
  const auto page = reader().contacts.List(acme_, query, [](const model::ContactView&) {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, base::ErrorCode::kValidation);
  ASSERT_EQ(page.error().parameters.size(), 1u);
  EXPECT_EQ(page.error().parameters[0].parameter, "q");
}

TEST_F(Contacts, TheEmailFilterIsExactButForAsciiCase) {
  model::Contact ada = MakeContact(1, "Ada");
  ada.email = "Ada@Example.com";
  model::Contact longer = MakeContact(2, "Ada");
  longer.email = "ada@example.com.au";
  PutContacts(acme_, {ada, longer, MakeContact(3, "ada@example.com")});
  PutContacts(globex_, {ada});

  model::ContactQuery query;
  query.email = "aDA@example.COM";
  EXPECT_EQ(ListContacts(acme_, query).ids, std::vector<std::string>{ContactUuid(1)});
  query.search = "ada";
  EXPECT_EQ(ListContacts(acme_, query).ids, std::vector<std::string>{ContactUuid(1)});
  query.email = "ada@example";
  EXPECT_EQ(ListContacts(acme_, query).info.total, 0);
}

TEST_F(Contacts, SearchFollowsAnUpdate) {
  model::Contact ada = MakeContact(1, "Ada Lovelace");
  ada.email = "old@example.com";
  PutContacts(acme_, {ada});
  ada.name = "Ada King";
  ada.email = "new@example.com";
  PutContacts(acme_, {ada});

  const struct {
    const char* q;
    std::int64_t total;
  } cases[] = {{"lovelace", 0}, {"king", 1}, {"old", 0}, {"new", 1}, {"ada", 1}};
  for (const auto& row : cases) {
    model::ContactQuery query;
    query.search = row.q;
    EXPECT_EQ(ListContacts(acme_, query).info.total, row.total) << row.q;
  }
  model::ContactQuery by_email;
  by_email.email = "old@example.com";
  EXPECT_EQ(ListContacts(acme_, by_email).info.total, 0);
}

TEST_F(Contacts, UpdatedSinceIsInclusive) {
  PutContacts(acme_, {MakeContact(1, "a", 100), MakeContact(2, "b", 200), MakeContact(3, "c", 300)});
  model::ContactQuery query;
  query.sort = model::ContactSort::kUpdatedAt;
  query.updated_since = Ms(200);
  const Page newest_first = ListContacts(acme_, query);
  EXPECT_EQ(newest_first.ids, (std::vector<std::string>{ContactUuid(3), ContactUuid(2)}));
  EXPECT_EQ(newest_first.info.total, 2);
  query.direction = model::Direction::kAscending;
  EXPECT_EQ(ListContacts(acme_, query).ids, (std::vector<std::string>{ContactUuid(2), ContactUuid(3)}));
}

}  // namespace
}  // namespace portal::store::testing
