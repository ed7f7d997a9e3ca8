#include "service/rows/row_editor.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "base/hex.h"
#include "store/writer.h"
#include "unit/service/row_store.h"

namespace portal::service {
namespace {

using nlohmann::json;

constexpr const char* kAnn = "550e8400-e29b-41d4-a716-446655440000";
constexpr const char* kBob = "550e8400-e29b-41d4-a716-446655440001";

base::Status If(bool allowed) {
  return allowed ? base::Status() : base::Fail(base::ErrorCode::kPreconditionFailed, "not this one");
}
constexpr auto kAlways = [](std::optional<std::string_view>) { return If(true); };
auto Only(std::string etag) {
  return [etag = std::move(etag)](std::optional<std::string_view> current) { return If(current == etag); };
}
constexpr auto kOnlyNew = [](std::optional<std::string_view> current) { return If(!current); };

/// Edits rows of a real store in a temporary folder.
class RowEditorTest : public RowStore {
 protected:
  RowEditor<ContactRows> contacts() { return {*database_, clock_, tenant_}; }
  RowEditor<JobRows> jobs() { return {*database_, clock_, tenant_}; }
  RowEditor<FileRows> files() { return {*database_, clock_, tenant_}; }
  std::string blob_hex() const { return base::ToHex(blob_); }

  RowDocument PutAnn(const std::string& body = R"({"name":"Ann"})") {
    return contacts().Put(base::ContactId(kAnn), body, kAlways).value();
  }
};

TEST_F(RowEditorTest, APutMakesTheRowWhatItSaysAndNoMore) {
  const RowDocument made = PutAnn(R"({"name":"Ann","email":"ann@example.com","company":"Co"})");
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.json,
            R"({"id":"550e8400-e29b-41d4-a716-446655440000","name":"Ann","email":"ann@example.com","phone":null,)"
            R"("company":"Co","address":null,"created_at":"2025-09-02T02:05:23.456Z",)"
            R"("updated_at":"2025-09-02T02:05:23.456Z"})");
  clock_.Advance(std::chrono::seconds(1));
  const RowDocument changed = PutAnn(R"({"name":"Anna"})");
  EXPECT_FALSE(changed.created);
  EXPECT_EQ(json::parse(changed.json).at("email"), nullptr);
  EXPECT_EQ(json::parse(changed.json).at("created_at"), "2025-09-02T02:05:23.456Z");
  EXPECT_EQ(json::parse(changed.json).at("updated_at"), "2025-09-02T02:05:24.456Z");
  EXPECT_EQ(contacts().Get({0}, base::ContactId(kAnn))->json, changed.json);
}

TEST_F(RowEditorTest, TheSamePutAgainChangesNothing) {
  const RowDocument made = PutAnn();
  clock_.Advance(std::chrono::hours(1));
  const RowDocument again = PutAnn();
  EXPECT_EQ(again.json, made.json);
  EXPECT_EQ(again.etag, made.etag);
  EXPECT_FALSE(again.created);
}

TEST_F(RowEditorTest, WhatWasReadCanBePutBack) {
  const RowDocument made = PutAnn();
  EXPECT_EQ(PutAnn(made.json).etag, made.etag);
  ASSERT_TRUE(jobs().Put(base::JobId("job_1"), R"({"title":"Roof","status":"pending"})", kAlways));
  const FileKey key{base::JobId("job_1"), base::FileId("file_1")};
  const auto file =
      files().Put(key, R"({"name":"a.pdf","content_type":"application/pdf","sha256":")" + blob_hex() + "\"}", kAlways);
  ASSERT_TRUE(file) << file.error().detail;
  EXPECT_EQ(files().Put(key, file->json, kAlways)->etag, file->etag);
}

TEST_F(RowEditorTest, AnEtagMovesWithItsRowAndNoOther) {
  const RowDocument ann = PutAnn();
  EXPECT_EQ(contacts().Get({0}, base::ContactId(kAnn))->etag, ann.etag);
  const auto bob = contacts().Put(base::ContactId(kBob), R"({"name":"Ann"})", kAlways);
  EXPECT_NE(bob->etag, ann.etag);
  EXPECT_EQ(contacts().Get({0}, base::ContactId(kAnn))->etag, ann.etag);
  EXPECT_NE(PutAnn(R"({"name":"Anna"})").etag, ann.etag);
  const RowEditor<ContactRows> theirs(*database_, clock_, other_);
  EXPECT_NE(theirs.Put(base::ContactId(kAnn), ann.json, kAlways)->etag, ann.etag);
}

TEST_F(RowEditorTest, APatchChangesWhatItSays) {
  PutAnn(R"({"name":"Ann","email":"ann@example.com","phone":"1"})");
  clock_.Advance(std::chrono::seconds(1));
  const auto patched = contacts().Patch(base::ContactId(kAnn), R"({"phone":null,"company":"Co"})", kAlways);
  ASSERT_TRUE(patched) << patched.error().detail;
  const json row = json::parse(patched->json);
  EXPECT_EQ(row.at("email"), "ann@example.com");
  EXPECT_EQ(row.at("phone"), nullptr);
  EXPECT_EQ(row.at("company"), "Co");
  EXPECT_EQ(row.at("created_at"), "2025-09-02T02:05:23.456Z");
  EXPECT_EQ(row.at("updated_at"), "2025-09-02T02:05:24.456Z");
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(contacts().Patch(base::ContactId(kAnn), "{}", kAlways)->etag, patched->etag);
  EXPECT_EQ(contacts().Patch(base::ContactId(kAnn), R"({"company":"Co"})", kAlways)->etag, patched->etag);
  const auto given = contacts().Patch(base::ContactId(kAnn), R"({"updated_at":"2030-01-01"})", kAlways);
  EXPECT_EQ(json::parse(given->json).at("updated_at"), "2030-01-01T00:00:00.000Z");
}

TEST_F(RowEditorTest, ConditionsAreLookedAtInTheTransaction) {
  const base::ContactId id(kAnn);
  EXPECT_EQ(contacts().Put(id, R"({"name":"A"})", Only("\"x\"")).error().code, base::ErrorCode::kPreconditionFailed);
  const auto made = contacts().Put(id, R"({"name":"A"})", kOnlyNew);
  ASSERT_TRUE(made);
  EXPECT_EQ(contacts().Put(id, R"({"name":"B"})", kOnlyNew).error().code, base::ErrorCode::kPreconditionFailed);
  EXPECT_EQ(contacts().Patch(id, R"({"name":"B"})", Only("\"x\"")).error().code, base::ErrorCode::kPreconditionFailed);
  EXPECT_EQ(contacts().Delete(id, Only("\"x\"")).error().code, base::ErrorCode::kPreconditionFailed);
  EXPECT_EQ(contacts().Get({0}, id)->etag, made->etag);
  const auto patched = contacts().Patch(id, R"({"name":"B"})", Only(made->etag));
  ASSERT_TRUE(patched);
  EXPECT_TRUE(contacts().Delete(id, Only(patched->etag)));
  EXPECT_EQ(contacts().Get({0}, id).error().code, base::ErrorCode::kNotFound);
}

TEST_F(RowEditorTest, WhatIsNotThereIsNotFoundWhateverTheConditions) {
  const auto never = [](std::optional<std::string_view>) { return If(false); };
  for (const auto& error : {contacts().Patch(base::ContactId(kAnn), "{}", never).error(),
                            contacts().Delete(base::ContactId(kAnn), never).error()}) {
    EXPECT_EQ(error.code, base::ErrorCode::kNotFound);
    EXPECT_EQ(error.detail, "Contact not found");
  }
  EXPECT_EQ(jobs().Delete(base::JobId("job_1"), never).error().detail, "Job not found");
  EXPECT_EQ(files().Delete({base::JobId("job_1"), base::FileId("file_1")}, never).error().detail, "File not found");
}

TEST_F(RowEditorTest, EveryComplaintNamesItsField) {
  struct Case {
    std::string body;
    std::vector<std::string> fields;
    std::string says;
  };
  const base::ContactId id(kAnn);
  for (const Case& c : {
           Case{R"({})", {"name"}, "Must not be empty"},
           Case{R"({"name":1})", {"name"}, "Expected text or null, found a number"},
           Case{R"({"name":"A","emial":"x"})", {"emial"}, "did you mean \"email\"?"},
           Case{R"({"name":"A","name":"B"})", {"name"}, "Is given twice"},
           Case{R"({"name":"A","email":"x","phone":")" + std::string(65, '1') + R"(","created_at":"soon"})",
                {"email", "phone", "created_at"},
                ""},
           Case{R"({"name":"A","id":"550e8400-e29b-41d4-a716-446655440001"})", {"id"}, "a row keeps its id"},
           Case{R"({"name":"A","id":null})", {"id"}, "Must not be null or empty: a row keeps its id"},
           Case{R"({"name":"A","created_at":"0000-12-31T23:59:59Z"})", {"created_at"}, "is no date that exists"},
           Case{R"({"name":"\udc00"})", {"name"}, "surrogate"},
           Case{"{\"name\":\"A\",\"" + std::string(59, 'x') + "é\":1}",
                {std::string(59, 'x') + "…"},
                "There is no field"},
       }) {
    const auto refused = contacts().Put(id, c.body, kAlways);
    ASSERT_FALSE(refused) << c.body;
    EXPECT_EQ(refused.error().code, base::ErrorCode::kValidation) << c.body;
    std::vector<std::string> fields;
    for (const auto& error : refused.error().parameters) fields.push_back(error.parameter);
    EXPECT_EQ(fields, c.fields) << c.body;
    EXPECT_NE(refused.error().parameters.at(0).detail.find(c.says), std::string::npos)
        << refused.error().parameters.at(0).detail;
  }
  for (const char* body : {"", "[]", "null", "{", "{\"name\":\"\xFF\"}", "{\"name\":\"A\"}x"}) {
    EXPECT_EQ(contacts().Put(id, body, kAlways).error().code, base::ErrorCode::kBadRequest) << body;
  }
  const std::string nul("{\"name\":\"A\"}\0x", 15);
  EXPECT_EQ(contacts().Put(id, nul, kAlways).error().code, base::ErrorCode::kBadRequest);
  EXPECT_TRUE(contacts().Put(id, R"({"name":"A","id":"550E8400-E29B-41D4-A716-446655440000"})", kAlways));
  for (const char* patch :
       {R"({"emial":null})", R"({"name":null})", R"({"name":{"a":"b"}})", R"({"name":["A"]})", R"({"id":null})",
        R"({"id":""})", R"({"name":"A","updated_at":"0000-12-31"})", R"({"created_at":"0001-01-01T00:00:00+00:01"})"}) {
    EXPECT_EQ(contacts().Patch(id, patch, kAlways).error().code, base::ErrorCode::kValidation) << patch;
  }
}

TEST_F(RowEditorTest, TimesOfTheYears0001To9999AreKept) {
  for (const char* time : {"0001-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"}) {
    const auto put =
        contacts().Put(base::ContactId(kAnn), R"({"name":"A","created_at":")" + std::string(time) + "\"}", kAlways);
    ASSERT_TRUE(put) << time;
    EXPECT_EQ(json::parse(contacts().Get({0}, base::ContactId(kAnn))->json).at("created_at"), time);
  }
}

TEST_F(RowEditorTest, WhatOnlyTheStoreKnowsNamesItsFieldToo) {
  const auto job = jobs().Put(base::JobId("job_1"),
                              R"({"title":"T","status":"pending","contact_id":")" + std::string(kAnn) + "\"}", kAlways);
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().parameters.at(0).parameter, "contact_id");
  EXPECT_EQ(job.error().parameters.at(0).detail, "There is no contact " + std::string(kAnn));

  ASSERT_TRUE(jobs().Put(base::JobId("job_1"), R"({"title":"T","status":"pending"})", kAlways));
  const FileKey key{base::JobId("job_1"), base::FileId("file_1")};
  const std::string good = R"({"name":"a.pdf","sha256":")" + blob_hex() + "\"}";
  EXPECT_EQ(files().Put({base::JobId("job_2"), base::FileId("file_1")}, good, kAlways).error().detail, "Job not found");
  const std::string unknown(64, '0');
  const auto missing = files().Put(key, R"({"name":"a.pdf","sha256":")" + unknown + "\"}", kAlways);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().parameters.at(0).parameter, "sha256");
  EXPECT_NE(missing.error().parameters.at(0).detail.find(unknown), std::string::npos);
  const auto size = files().Put(key, R"({"name":"a.pdf","size":11,"sha256":")" + blob_hex() + "\"}", kAlways);
  EXPECT_EQ(size.error().parameters.at(0).parameter, "size");

  const auto made = files().Put(key, good, kAlways);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(json::parse(made->json).at("size"), 10);
  EXPECT_EQ(json::parse(made->json).at("content_type"), "application/octet-stream");
  EXPECT_EQ(files().Get({0}, key)->json, made->json);
  EXPECT_EQ(files().Put({base::JobId("job_1"), base::FileId("file_2")}, good, kAlways).error().code,
            base::ErrorCode::kConflict);
  const auto renamed = files().Patch(key, R"({"name":"b.pdf","kind":"photo"})", kAlways);
  ASSERT_TRUE(renamed) << renamed.error().detail;
  EXPECT_EQ(json::parse(renamed->json).at("kind"), "photo");
  EXPECT_EQ(json::parse(renamed->json).at("created_at"), json::parse(made->json).at("created_at"));
}

TEST_F(RowEditorTest, PatchesOfTwoClientsAtOnceLoseNoUpdate) {
  const base::ContactId id(kAnn);
  PutAnn(R"({"name":"0"})");
  constexpr int kEach = 100;
  const auto add_one = [&] {
    for (int done = 0; done < kEach;) {
      const auto seen = contacts().Patch(id, "{}", kAlways).value();
      const int number = std::stoi(json::parse(seen.json).at("name").get<std::string>());
      const auto patched = contacts().Patch(id, R"({"name":")" + std::to_string(number + 1) + "\"}", Only(seen.etag));
      if (patched) {
        ++done;
      } else {
        EXPECT_EQ(patched.error().code, base::ErrorCode::kPreconditionFailed);
      }
    }
  };
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back(add_one);
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(json::parse(contacts().Get({0}, id)->json).at("name"), std::to_string(4 * kEach));
}

}  // namespace
}  // namespace portal::service
