#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

/// Of files and blobs whose size is their number, as MakeFile makes them.
class BlobAccounts : public StoreTest {
 protected:
  BlobAccounts() { PutJobs(acme_, {MakeJob(1, "Roof"), MakeJob(2, "Wall")}); }

  static model::ContentHash Hash(std::int64_t number) { return MakeFile(1, number, "any").sha256; }
  std::int64_t Used(const char* slug = "acme") { return reader().tenants.FindBySlug(slug)->blob_bytes; }
  std::int64_t Revision() { return reader().tenants.Revision(acme_).value(); }
  void SetQuota(std::optional<std::int64_t> bytes) {
    Write([&](WriteTransaction& t) { return t.ChangeTenant(acme_, {.quota_bytes = bytes}); });
  }
  void Hold(std::int64_t number) {
    Write([&](WriteTransaction& t) { return t.HoldBlob(acme_, Hash(number), number); });
  }
  bool Has(const base::TenantId& tenant, std::int64_t number) {
    bool has = false;
    Write([&](WriteTransaction& t) -> base::Status {
      const auto size = t.FindBlob(tenant, Hash(number)).value();
      has = size.has_value();
      if (size) {
        EXPECT_EQ(*size, number);
      }
      return {};
    });
    return has;
  }
};

TEST_F(BlobAccounts, CountABlobOnceHoweverManyFilesNameIt) {
  model::File again = MakeFile(2, 7, "copy.pdf");
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf"), again, MakeFile(1, 5, "b.pdf")});
  EXPECT_EQ(Used(), 12);
  Write([&](WriteTransaction& t) { return t.DeleteFile(acme_, JobIdOf(1), FileIdOf(7)); });
  EXPECT_EQ(Used(), 12);
  Write([&](WriteTransaction& t) { return t.DeleteFile(acme_, JobIdOf(2), FileIdOf(7)); });
  EXPECT_EQ(Used(), 5) << "what no file names does not count";
  EXPECT_TRUE(Has(acme_, 7)) << "and is kept until the purge";
  PutFiles(acme_, {again});
  EXPECT_EQ(Used(), 12);
}

TEST_F(BlobAccounts, FollowAFileToOtherBytes) {
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf")});
  PutFiles(acme_, {MakeFile(1, 5, "a.pdf")});
  EXPECT_EQ(Used(), 5);
  Write([&](WriteTransaction& t) { return t.DeleteJob(acme_, JobIdOf(1)); });
  EXPECT_EQ(Used(), 0);
  EXPECT_TRUE(Has(acme_, 5) && Has(acme_, 7));
}

TEST_F(BlobAccounts, CountAnUploadBeforeAFileNamesItAndOnlyOnce) {
  Hold(7);
  Hold(7);
  EXPECT_EQ(Used(), 7);
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf")});
  Hold(7);
  EXPECT_EQ(Used(), 7);
  Write([&](WriteTransaction& t) { return t.DeleteFile(acme_, JobIdOf(1), FileIdOf(7)); });
  EXPECT_EQ(Used(), 0);
  Hold(7);
  EXPECT_EQ(Used(), 7) << "it was uploaded again";
}

TEST_F(BlobAccounts, AreEachTenantsOwn) {
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf")});
  EXPECT_FALSE(Has(globex_, 7)) << "who has a blob is nobody else's business";
  EXPECT_EQ(Used("globex"), 0);
}

TEST_F(BlobAccounts, GoWithTheSizeThatWasCounted) {
  Hold(7);
  model::File liar = MakeFile(1, 7, "a.pdf");
  liar.size_bytes = 1'000;
  PutFiles(acme_, {liar});
  Write([&](WriteTransaction& t) { return t.DeleteFile(acme_, JobIdOf(1), FileIdOf(7)); });
  PutFiles(acme_, {liar});
  EXPECT_EQ(Used(), 7);
  Write([&](WriteTransaction& t) { return t.DeleteFile(acme_, JobIdOf(1), FileIdOf(7)); });
  EXPECT_EQ(Used(), 0);
}

TEST_F(BlobAccounts, MoveNoRevisionUntilAFileShowsThem) {
  const std::int64_t before = Revision();
  Hold(7);
  EXPECT_EQ(Revision(), before);
  SetQuota(7);
  const std::int64_t with_quota = Revision();
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_FALSE(t.PutFile(acme_, MakeFile(1, 8, "b.pdf")));
    return {};
  });
  EXPECT_EQ(Revision(), with_quota) << "nothing has changed";
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf")});
  EXPECT_EQ(Revision(), with_quota + 1);
}

TEST_F(BlobAccounts, MakeRoomForWhatTakesTheirPlace) {
  SetQuota(12);
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf"), MakeFile(1, 5, "b.pdf")});
  PutFiles(acme_, {MakeFile(1, 6, "a.pdf")});
  EXPECT_EQ(Used(), 11) << "7 went before 6 came";
  PutFiles(acme_, {MakeFile(2, 6, "a.pdf")});
  const auto refuse = [&](const model::File& file) {
    Write([&](WriteTransaction& t) -> base::Status {
      const auto put = t.PutFile(acme_, file);
      EXPECT_EQ(put.error().code, base::ErrorCode::kStorageFull);
      return {};
    });
    EXPECT_EQ(Used(), 11) << "nothing has changed";
  };
  refuse(MakeFile(1, 4, "a.pdf"));  // the other job needs the 6
  refuse(MakeFile(1, 8, "b.pdf"));
  SetQuota(1);
  refuse(MakeFile(1, 4, "b.pdf"));
  SetQuota(12);
  Write([&](WriteTransaction& t) { return t.DeleteFile(acme_, JobIdOf(2), FileIdOf(6)); });
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf")});
  EXPECT_EQ(Used(), 12);
}

TEST_F(BlobAccounts, KeepWithinTheQuotaToTheByte) {
  SetQuota(12);
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf")});
  Write([&](WriteTransaction& t) -> base::Status {
    const base::Status held = t.HoldBlob(acme_, Hash(6), 6);
    const auto put = t.PutFile(acme_, MakeFile(1, 6, "b.pdf"));
    const auto upserted = t.UpsertFile(acme_, MakeFile(1, 6, "b.pdf"));
    for (const auto& error : {held.error(), put.error(), upserted.error()}) {
      EXPECT_EQ(error.code, base::ErrorCode::kStorageFull);
      for (const char* part : {"6 bytes", "quota of 12", "7 are used"}) {
        EXPECT_NE(error.detail.find(part), std::string::npos) << error.detail;
      }
    }
    EXPECT_TRUE(t.HoldBlob(acme_, Hash(5), 5)) << "the last byte";
    EXPECT_FALSE(t.HoldBlob(acme_, Hash(1), 1)) << "what this very transaction added counts";
    return {};
  });
  EXPECT_EQ(Used(), 12);
  EXPECT_EQ(ListFiles(acme_, JobIdOf(1), {}).info.total, 1) << "the refused file is not counted in its job";
  SetQuota(std::nullopt);
  PutFiles(acme_, {MakeFile(1, 200, "large.pdf")});
  EXPECT_EQ(Used(), 212);
}

TEST_F(BlobAccounts, AreUndoneWithTheirTransaction) {
  EXPECT_FALSE(database_->writer().Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.HoldBlob(acme_, Hash(7), 7));
    EXPECT_TRUE(t.PutFile(acme_, MakeFile(1, 9, "a.pdf")));
    return base::Fail(base::ErrorCode::kConflict, "changed my mind");
  }));
  EXPECT_EQ(Used(), 0);
  EXPECT_FALSE(Has(acme_, 7));
  Hold(3);
  EXPECT_EQ(Used(), 3);
}

using FileUpserts = BlobAccounts;

TEST_F(FileUpserts, ReplaceByIdAndRefuseATakenName) {
  Write([&](WriteTransaction& t) -> base::Status {
    model::File file = MakeFile(1, 7, "a.pdf", 100);
    EXPECT_EQ(t.UpsertFile(acme_, file), UpsertOutcome::kInserted);
    EXPECT_EQ(t.UpsertFile(acme_, file), UpsertOutcome::kUnchanged);
    file.name = "renamed.pdf";
    EXPECT_EQ(t.UpsertFile(acme_, file), UpsertOutcome::kUpdated);
    file.created_at = Ms(200);
    EXPECT_EQ(t.UpsertFile(acme_, file, {.created = false}), UpsertOutcome::kUnchanged);
    EXPECT_EQ(t.UpsertFile(acme_, file), UpsertOutcome::kUpdated);
    EXPECT_EQ(t.FindFile(acme_, JobIdOf(1), FileIdOf(7)).value(), file);

    EXPECT_EQ(t.UpsertFile(acme_, MakeFile(1, 8, "b.pdf")), UpsertOutcome::kInserted);
    const auto taken = t.UpsertFile(acme_, MakeFile(1, 9, "b.pdf"));
    EXPECT_EQ(taken.error().code, base::ErrorCode::kConflict);
    EXPECT_NE(taken.error().detail.find(FileIdOf(8).value()), std::string::npos) << taken.error().detail;
    file.name = "b.pdf";
    EXPECT_EQ(t.UpsertFile(acme_, file).error().code, base::ErrorCode::kConflict) << "renamed to a taken name";
    EXPECT_EQ(t.UpsertFile(acme_, MakeFile(9, 1, "a")).error().code, base::ErrorCode::kNotFound);
    EXPECT_EQ(t.UpsertFile(globex_, MakeFile(1, 1, "a")).error().code, base::ErrorCode::kNotFound);
    model::File bad = MakeFile(1, 1, "a");
    bad.id = base::FileId("picture");
    EXPECT_EQ(t.UpsertFile(acme_, bad).error().code, base::ErrorCode::kValidation);
    return {};
  });
  EXPECT_EQ(ListFiles(acme_, JobIdOf(1), {}).info.total, 2);
  EXPECT_EQ(Used(), 15);
}

TEST_F(FileUpserts, MayHaveOneIdInTwoJobs) {
  PutFiles(acme_, {MakeFile(1, 7, "a.pdf")});
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_EQ(t.UpsertFile(acme_, MakeFile(2, 7, "a.pdf")), UpsertOutcome::kInserted);
    return {};
  });
  EXPECT_EQ(Used(), 7);
}

}  // namespace
}  // namespace portal::store::testing
