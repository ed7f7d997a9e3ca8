#include <algorithm>
#include <random>
#include <tuple>

#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

using model::Direction;
using model::PageStart;

std::string LowerAscii(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return text;
}

/// Rows with many ties, names that differ in case only, and times that are missing.
class Pages : public StoreTest {
 protected:
  static constexpr int kRows = 60;

  Pages() {
    std::mt19937 random(1);
    for (int i = 0; i < kRows; ++i) {
      static const char* const kNames[] = {"bob", "Bob", "BOB", "ada", "zoë", "Zo", ""};
      model::Contact contact = MakeContact(static_cast<std::int64_t>(random() % 1000 * 1000 + i), kNames[random() % 7],
                                           static_cast<std::int64_t>(random() % 5));
      contact.updated_at = Ms(static_cast<std::int64_t>(random() % 7));
      contacts_.push_back(contact);
      model::Job job =
          MakeJob(static_cast<std::int64_t>(random() % 1000 * 100 + i), "Job", static_cast<std::int64_t>(random() % 5));
      job.updated_at = Ms(static_cast<std::int64_t>(random() % 7));
      job.status = static_cast<model::JobStatus>(random() % 3);
      if (random() % 3) job.scheduled_at = Ms(static_cast<std::int64_t>(random() % 5) - 2);
      if (random() % 2) job.contact_id = contacts_[random() % 3 % contacts_.size()].id;
      jobs_.push_back(job);
    }
    PutContacts(acme_, contacts_);
    PutJobs(acme_, jobs_);
    PutContacts(globex_, contacts_);
    PutJobs(globex_, {MakeJob(1, "Another tenant's")});
    std::vector<model::File> files;
    for (int i = 0; i < kRows; ++i) {
      files.push_back(
          MakeFile(1, static_cast<std::int64_t>(random() % 1000 * 100 + i),
                   std::string(random() % 2 ? "plan" : "PLAN") + std::to_string(i / 2) + std::string(i % 2, 'x'),
                   static_cast<std::int64_t>(random() % 5)));
      files.back().kind = static_cast<model::FileKind>(random() % 2);
    }
    files_ = files;
    PutJobs(acme_, {MakeJob(1, "Job", 3)});
    jobs_.push_back(MakeJob(1, "Job", 3));
    PutFiles(acme_, files_);
  }

  std::vector<std::string> Expected(const model::ContactQuery& query) const {
    std::vector<std::tuple<std::int64_t, std::string, std::string>> keys;
    for (const model::Contact& contact : contacts_) {
      if (query.updated_since && contact.updated_at < *query.updated_since) continue;
      if (query.search && LowerAscii(contact.name) != "bob") continue;
      const std::string id = contact.id.value();
      switch (query.sort) {
        case model::ContactSort::kCreatedAt:
          keys.emplace_back(contact.created_at.time_since_epoch().count(), "", id);
          break;
        case model::ContactSort::kUpdatedAt:
          keys.emplace_back(contact.updated_at.time_since_epoch().count(), "", id);
          break;
        case model::ContactSort::kName:
          keys.emplace_back(0, LowerAscii(contact.name), id);
          break;
      }
    }
    return Ids(keys, query.direction);
  }

  std::vector<std::string> Expected(const model::JobQuery& query) const {
    std::vector<std::tuple<std::int64_t, std::string, std::string>> keys;
    for (const model::Job& job : jobs_) {
      if (query.updated_since && job.updated_at < *query.updated_since) continue;
      if (query.status && job.status != *query.status) continue;
      if (query.contact_id && job.contact_id != query.contact_id) continue;
      const std::optional<base::WallTime> time = query.sort == model::JobSort::kCreatedAt   ? job.created_at
                                                 : query.sort == model::JobSort::kUpdatedAt ? job.updated_at
                                                                                            : job.scheduled_at;
      keys.emplace_back(time ? time->time_since_epoch().count() : -1'000'000, "", job.id.value());
    }
    return Ids(keys, query.direction);
  }

  std::vector<std::string> Expected(const model::FileQuery& query) const {
    std::vector<std::tuple<std::int64_t, std::string, std::string>> keys;
    for (const model::File& file : files_) {
      if (query.kind && file.kind != *query.kind) continue;
      const bool by_name = query.sort == model::FileSort::kName;
      keys.emplace_back(by_name ? 0 : file.created_at.time_since_epoch().count(), by_name ? LowerAscii(file.name) : "",
                        file.id.value());
    }
    return Ids(keys, query.direction);
  }

  static std::vector<std::string> Ids(std::vector<std::tuple<std::int64_t, std::string, std::string>> keys,
                                      Direction direction) {
    std::sort(keys.begin(), keys.end());
    if (direction == Direction::kDescending) std::reverse(keys.begin(), keys.end());
    std::vector<std::string> ids;
    for (const auto& key : keys) ids.push_back(std::get<2>(key));
    return ids;
  }

  Page Read(const model::ContactQuery& query) { return ListContacts(acme_, query); }
  Page Read(const model::JobQuery& query) { return ListJobs(acme_, query); }
  Page Read(const model::FileQuery& query) {
    Page page;
    auto info = reader().files.List(acme_, JobIdOf(1).value(), query,
                                    [&](const model::FileView& row) { page.ids.emplace_back(row.id); });
    return Finish(std::move(page), info);
  }

  /// Every offset, every keyset forward and back: all must show the same list.
  template <typename Query>
  void CheckAllPages(Query query, const std::string& what) {
    const std::vector<std::string> all = Expected(query);
    const auto size = static_cast<std::int64_t>(all.size());
    const auto slice = [&](std::int64_t begin, std::int64_t end) {
      return std::vector<std::string>(all.begin() + std::clamp<std::int64_t>(begin, 0, size),
                                      all.begin() + std::clamp<std::int64_t>(end, 0, size));
    };
    for (const std::int64_t limit : {std::max<std::int64_t>(size - 1, 1), std::max<std::int64_t>(size, 1), size + 1}) {
      query.limit = limit;
      const Page page = Read(query);
      EXPECT_EQ(page.ids, slice(0, limit)) << what << " limit " << limit;
      EXPECT_EQ(page.info.total, size) << what << " limit " << limit;
      EXPECT_EQ(page.info.has_more, limit < size) << what << " limit " << limit;
      EXPECT_FALSE(page.info.has_previous) << what << " limit " << limit;
    }
    query.limit = 7;
    std::vector<model::Keyset> keysets;
    for (std::int64_t offset = 0; offset <= size + 1; ++offset) {
      query.start = {PageStart::Kind::kOffset, offset, {}};
      const Page page = Read(query);
      EXPECT_EQ(page.ids, slice(offset, offset + 7)) << what << " offset " << offset;
      EXPECT_EQ(page.info.total, size) << what;
      EXPECT_EQ(page.info.count, static_cast<std::int64_t>(page.ids.size())) << what;
      EXPECT_EQ(page.info.has_more, offset + 7 < size) << what << " offset " << offset;
      EXPECT_EQ(page.info.has_previous, offset > 0 && size > 0) << what << " offset " << offset;
      if (offset < size) keysets.push_back(page.info.first);
    }
    for (std::int64_t i = 0; i < size; ++i) {
      query.start = {PageStart::Kind::kAfter, 0, keysets[static_cast<std::size_t>(i)]};
      const Page after = Read(query);
      EXPECT_EQ(after.ids, slice(i + 1, i + 8)) << what << " after row " << i;
      EXPECT_EQ(after.info.has_more, i + 8 < size) << what << " after row " << i;
      EXPECT_TRUE(after.info.has_previous) << what << " after row " << i;

      query.start.kind = PageStart::Kind::kBefore;
      const Page before = Read(query);
      EXPECT_EQ(before.ids, slice(i - 7, i)) << what << " before row " << i;
      EXPECT_TRUE(before.info.has_more) << what << " before row " << i;
      EXPECT_EQ(before.info.has_previous, i > 7) << what << " before row " << i;
      if (i > 0) {
        EXPECT_EQ(before.info.last.id, all[static_cast<std::size_t>(i - 1)]) << what;
      }
    }
  }

  std::vector<model::Contact> contacts_;
  std::vector<model::Job> jobs_;
  std::vector<model::File> files_;
};

TEST_F(Pages, OfContactsAgreeHoweverTheyAreReached) {
  for (const auto sort : {model::ContactSort::kCreatedAt, model::ContactSort::kUpdatedAt, model::ContactSort::kName}) {
    for (const auto direction : {Direction::kAscending, Direction::kDescending}) {
      model::ContactQuery query;
      query.sort = sort;
      query.direction = direction;
      const std::string what = "sort " + std::to_string(static_cast<int>(sort)) +
                               (direction == Direction::kAscending ? " ascending" : " descending");
      CheckAllPages(query, what);
      query.search = "bob";
      CheckAllPages(query, what + " q");
      query.search.reset();
      if (sort == model::ContactSort::kUpdatedAt) {
        query.updated_since = Ms(3);
        CheckAllPages(query, what + " updated_since");
      }
    }
  }
}

TEST_F(Pages, OfJobsAgreeHoweverTheyAreReachedAlsoWhereTheTimeIsMissing) {
  for (const auto sort : {model::JobSort::kCreatedAt, model::JobSort::kUpdatedAt, model::JobSort::kScheduledAt}) {
    for (const auto direction : {Direction::kAscending, Direction::kDescending}) {
      for (int filters = 0; filters < 8; ++filters) {
        model::JobQuery query;
        query.sort = sort;
        query.direction = direction;
        if (filters & 1) query.status = model::JobStatus::kScheduled;
        if (filters & 2) query.contact_id = contacts_[0].id;
        if (filters & 4) {
          if (sort != model::JobSort::kUpdatedAt) continue;
          query.updated_since = Ms(3);
        }
        CheckAllPages(query, "sort " + std::to_string(static_cast<int>(sort)) +
                                 (direction == Direction::kAscending ? " ascending" : " descending") + " filters " +
                                 std::to_string(filters));
      }
    }
  }
}

TEST_F(Pages, OfFilesAgreeHoweverTheyAreReached) {
  for (const auto sort : {model::FileSort::kCreatedAt, model::FileSort::kName}) {
    for (const auto direction : {Direction::kAscending, Direction::kDescending}) {
      model::FileQuery query;
      query.sort = sort;
      query.direction = direction;
      const std::string what = "sort " + std::to_string(static_cast<int>(sort));
      CheckAllPages(query, what);
      query.kind = model::FileKind::kPhoto;
      CheckAllPages(query, what + " kind");
    }
  }
}

TEST_F(Pages, GoOnFromARowThatIsNoLongerThere) {
  model::ContactQuery query;
  query.direction = Direction::kAscending;
  query.start = {PageStart::Kind::kAfter, 0, {.time_ms = 2, .text = {}, .id = ContactUuid(999'999'999)}};
  const std::vector<std::string> all = Expected(query);
  const auto first_after = static_cast<std::size_t>(
      std::count_if(contacts_.begin(), contacts_.end(), [](const auto& c) { return c.created_at <= Ms(2); }));
  EXPECT_EQ(Read(query).ids, std::vector<std::string>(all.begin() + first_after, all.end()));
}

TEST_F(Pages, RefuseAKeysetThatNoContactCouldHave) {
  model::ContactQuery query;
  query.start = {PageStart::Kind::kAfter, 0, {.time_ms = 2, .text = {}, .id = "x"}};
  const auto page = reader().contacts.List(acme_, query, [](const model::ContactView&) {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, base::ErrorCode::kValidation);
}

TEST_F(Pages, AfterAKeysetNeitherLoseNorRepeatARowWhileOthersComeAndGo) {
  std::mt19937 random(2);
  model::ContactQuery query;
  query.sort = model::ContactSort::kUpdatedAt;
  query.direction = Direction::kAscending;
  query.limit = 3;
  const std::vector<std::string> untouched = Expected(query);
  std::vector<std::string> seen;
  std::int64_t next_id = 500'000'000;
  while (true) {
    const Page page = Read(query);
    seen.insert(seen.end(), page.ids.begin(), page.ids.end());
    if (!page.info.has_more) break;
    query.start = {PageStart::Kind::kAfter, 0, page.info.last};
    // Rows come before, at and after the place where the reader stands.
    std::vector<model::Contact> coming;
    for (int i = 0; i < 3; ++i) {
      coming.push_back(MakeContact(next_id++, "new"));
      coming.back().updated_at = Ms(static_cast<std::int64_t>(random() % 7));
    }
    PutContacts(acme_, coming);
  }
  std::vector<std::string> distinct = seen;
  std::sort(distinct.begin(), distinct.end());
  EXPECT_EQ(std::unique(distinct.begin(), distinct.end()), distinct.end()) << "a row was seen twice";
  std::erase_if(seen, [&](const std::string& id) {
    return std::find(untouched.begin(), untouched.end(), id) == untouched.end();
  });
  EXPECT_EQ(seen, untouched);
}

}  // namespace
}  // namespace portal::store::testing
