#include "blob/blob_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/hex.h"
#include "crypto/hash.h"
#include "support/temp_folder.h"

namespace portal::blob {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

BlobStore MustOpen(const fs::path& folder, BlobStore::Sync sync = BlobStore::Sync::kYes) {
  auto store = BlobStore::Open(folder, sync);
  if (!store) throw std::runtime_error(store.error().internal);
  return std::move(*store);
}

std::string ReadAll(const BlobStore::Opened& opened) {
  std::string text(static_cast<std::size_t>(opened.size_bytes), '\0');
  EXPECT_EQ(::pread(opened.fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return text;
}

/// Regular files below `folder`, relative to it.
std::vector<std::string> FilesIn(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), folder).string());
  }
  return files;
}

base::UniqueFd SourceWith(const testing::TempFolder& folder, std::string_view content) {
  const fs::path file = folder.path() / "source";
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  return base::UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
}

TEST(BlobStore, GivesBackWhatWasPutUnderItsHash) {
  const testing::TempFolder folder;
  for (const auto sync : {BlobStore::Sync::kYes, BlobStore::Sync::kNo}) {
    BlobStore store = MustOpen(folder.path() / "blobs", sync);
    for (const std::string& content :
         {std::string(), std::string("a"), std::string("\0\n\xff", 3), std::string(1'000'000, 'x')}) {
      const base::UniqueFd source = SourceWith(folder, content);
      const auto from_fd = store.Put(source.get());
      const auto from_memory = store.Put(content);
      ASSERT_TRUE(from_fd && from_memory);
      EXPECT_EQ(from_fd->sha256, crypto::Sha256(content));
      EXPECT_EQ(from_memory->sha256, from_fd->sha256);
      EXPECT_EQ(from_fd->size_bytes, static_cast<std::int64_t>(content.size()));
      const auto opened = store.Open(from_fd->sha256);
      ASSERT_TRUE(opened);
      EXPECT_EQ(ReadAll(*opened), content);
    }
  }
}

TEST(BlobStore, KeepsEqualContentOnceAndPrivate) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  BlobStore store = MustOpen(blobs);
  ASSERT_TRUE(store.Put("hello"));
  ASSERT_TRUE(store.Put("hello"));
  const base::UniqueFd source = SourceWith(folder, "hello");
  ASSERT_TRUE(store.Put(source.get()));
  const std::string digits = base::ToHex(crypto::Sha256("hello"));
  EXPECT_EQ(FilesIn(blobs), std::vector<std::string>{digits.substr(0, 2) + "/" + digits.substr(2)});
  EXPECT_EQ(fs::status(blobs).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(blobs / digits.substr(0, 2)).permissions(), fs::perms::owner_all);
}

TEST(BlobStore, PuttingTheSameAgainDoesNotTouchTheBlob) {
  const testing::TempFolder folder;
  BlobStore store = MustOpen(folder.path() / "blobs");
  const auto stored = store.Put("hello");
  ASSERT_TRUE(stored);
  const auto inode = [&] {
    struct stat info {};
    EXPECT_EQ(::fstat(store.Open(stored->sha256)->fd.get(), &info), 0);
    return info.st_ino;
  };
  const ino_t before = inode();
  ASSERT_TRUE(store.Put("hello"));
  const base::UniqueFd source = SourceWith(folder, "hello");
  ASSERT_TRUE(store.Put(source.get()));
  EXPECT_EQ(inode(), before);
}

TEST(BlobStore, ReplacesABlobThatLostItsTail) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  BlobStore store = MustOpen(blobs);
  const auto stored = store.Put("hello");
  ASSERT_TRUE(stored);
  fs::resize_file(blobs / FilesIn(blobs).at(0), 2);
  ASSERT_TRUE(store.Put("hello"));
  EXPECT_EQ(ReadAll(*store.Open(stored->sha256)), "hello");
}

TEST(BlobStore, AnUnknownHashIsNotFound) {
  const testing::TempFolder folder;
  const BlobStore store = MustOpen(folder.path() / "blobs");
  const auto opened = store.Open(crypto::Sha256("never put"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(opened.error().detail, "File not found");
}

TEST(BlobStore, ASourceThatFailsLeavesNothingBehind) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  BlobStore store = MustOpen(blobs);
  const base::UniqueFd unreadable(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto stored = store.Put(unreadable.get());
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(FilesIn(blobs).empty());
}

TEST(BlobStore, SaysStorageFullAndLeavesNothingBehind) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  MustOpen(blobs);
  const base::UniqueFd source = SourceWith(folder, std::string(100'000, 'x'));
  // In a process of its own: a limit on file sizes ends a write as a full disk does.
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{50'000, 50'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto store = BlobStore::Open(blobs, BlobStore::Sync::kYes);
    const auto streamed = store->Put(source.get());
    const auto copied = store->Put(std::string(100'000, 'y'));
    ::_exit(!streamed && streamed.error().code == ErrorCode::kStorageFull && !copied &&
                    copied.error().code == ErrorCode::kStorageFull
                ? 0
                : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(FilesIn(blobs).empty());
}

TEST(BlobStore, RemovesTheLeftoversOfDeadProcessesAfterAnHour) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  const fs::path tmp = blobs / "tmp";
  MustOpen(blobs);
  std::ofstream(tmp / "put-dead") << "half a file";
  std::ofstream(tmp / "put-busy") << "half a file";
  fs::last_write_time(tmp / "put-dead", fs::file_time_type::clock::now() - std::chrono::hours{2});
  MustOpen(blobs);
  EXPECT_EQ(FilesIn(blobs), std::vector<std::string>{"tmp/put-busy"});
}

TEST(BlobStore, ProcessesAndThreadsMayPutTheSameContentAtOnce) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  BlobStore store = MustOpen(blobs, BlobStore::Sync::kNo);
  const auto content = [](int i) { return std::string(10'000, static_cast<char>('a' + i)); };
  constexpr int kContents = 20;
  std::vector<pid_t> children;
  for (int process = 0; process < 3; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool all_stored = true;
      for (int i = 0; i < kContents; ++i) all_stored = store.Put(content(i)).has_value() && all_stored;
      ::_exit(all_stored ? 0 : 1);
    }
    children.push_back(child);
  }
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kContents; ++i) EXPECT_TRUE(store.Put(content(i)));
      });
    }
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(FilesIn(blobs).size(), static_cast<std::size_t>(kContents));
  for (int i = 0; i < kContents; ++i) EXPECT_EQ(ReadAll(*store.Open(crypto::Sha256(content(i)))), content(i));
}

base::Result<StagedBlob> StageText(const BlobStore& store, std::string_view text) {
  auto staging = store.Stage();
  EXPECT_TRUE(staging);
  // In pieces, as it comes from a network.
  for (std::size_t at = 0; at < text.size(); at += 7) {
    EXPECT_TRUE(staging->Append(std::as_bytes(std::span(text.substr(at, 7)))));
  }
  EXPECT_EQ(staging->size_bytes(), static_cast<std::int64_t>(text.size()));
  return std::move(*staging).Finish();
}

TEST(StagedBlobs, AreNoBlobsUntilTheyArePublished) {
  const testing::TempFolder folder;
  for (const auto sync : {BlobStore::Sync::kYes, BlobStore::Sync::kNo}) {
    const BlobStore store = MustOpen(folder.path() / "blobs", sync);
    const std::string text = "half a contract" + std::to_string(static_cast<int>(sync));
    auto staged = StageText(store, text);
    ASSERT_TRUE(staged);
    EXPECT_EQ(staged->sha256(), crypto::Sha256(text));
    EXPECT_EQ(store.Open(staged->sha256()).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(store.Publish(*staged));
    EXPECT_EQ(ReadAll(*store.Open(staged->sha256())), text);
  }
}

TEST(StagedBlobs, LeaveNothingBehindWhenTheyAreGivenUp) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  const BlobStore store = MustOpen(blobs);
  {
    auto half = store.Stage();
    ASSERT_TRUE(half->Append(std::as_bytes(std::span(std::string_view("half")))));
    const auto whole = StageText(store, "whole");
    EXPECT_EQ(FilesIn(blobs).size(), 2u);
  }
  EXPECT_TRUE(FilesIn(blobs).empty());
}

TEST(StagedBlobs, ShowTheirFirstBytes) {
  const testing::TempFolder folder;
  const BlobStore store = MustOpen(folder.path() / "blobs");
  const auto staged = StageText(store, "0123456789");
  for (const std::size_t room : {0u, 4u, 10u, 20u}) {
    std::string head(room, '?');
    const auto read = staged->ReadHead(head);
    ASSERT_TRUE(read);
    EXPECT_EQ(head.substr(0, *read), std::string("0123456789").substr(0, room));
  }
}

TEST(StagedBlobs, OfBytesThatAreThereKeepTheBlobThatIs) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  const BlobStore store = MustOpen(blobs);
  ASSERT_TRUE(store.Put("hello"));
  {
    auto staged = StageText(store, "hello");
    ASSERT_TRUE(store.Publish(*staged));
  }
  EXPECT_EQ(FilesIn(blobs).size(), 1u) << "and nothing under tmp/";
}

TEST(BlobStore, RemovesABlobWhileItsReadersReadOn) {
  const testing::TempFolder folder;
  const BlobStore store = MustOpen(folder.path() / "blobs");
  const auto stored = store.Put("hello");
  const auto opened = store.Open(stored->sha256);
  EXPECT_EQ(store.Remove(stored->sha256).value(), true);
  EXPECT_EQ(store.Remove(stored->sha256).value(), false);
  EXPECT_EQ(ReadAll(*opened), "hello");
  EXPECT_EQ(store.Open(stored->sha256).error().code, ErrorCode::kNotFound);
}

TEST(BlobStore, ListsItsBlobsAndNothingElse) {
  const testing::TempFolder folder;
  const fs::path blobs = folder.path() / "blobs";
  const BlobStore store = MustOpen(blobs);
  const auto stored = store.Put("hello");
  const std::string digits = base::ToHex(stored->sha256);
  std::ofstream(blobs / digits.substr(0, 2) / "README") << "not a blob";
  std::size_t found = 0;
  for (int byte = 0; byte < 256; ++byte) {
    ASSERT_TRUE(store.ForEach(static_cast<unsigned char>(byte), [&](const BlobStore::Found& blob) {
      ++found;
      EXPECT_EQ(blob.sha256, stored->sha256);
      EXPECT_EQ(blob.size_bytes, 5);
      EXPECT_LT(std::chrono::abs(std::chrono::system_clock::now() - blob.modified), std::chrono::minutes{1});
    }));
  }
  EXPECT_EQ(found, 1u);
}

TEST(BlobStore, OpenSaysWhenTheFolderCannotBeMade) {
  const testing::TempFolder folder;
  std::ofstream(folder.path() / "file") << "in the way";
  const auto store = BlobStore::Open(folder.path() / "file", BlobStore::Sync::kYes);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(store.error().detail.find(folder.path().string()), std::string::npos);
}

}  // namespace
}  // namespace portal::blob
