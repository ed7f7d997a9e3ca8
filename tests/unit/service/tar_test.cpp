#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "base/unique_fd.h"
#include "service/archive/tar_reader.h"
#include "service/archive/tar_writer.h"

namespace portal::service {
namespace {

constexpr base::WallTime kThen{std::chrono::milliseconds{1'756'721'700'000}};

base::UniqueFd MemoryFile(std::string_view content = {}) {
  base::UniqueFd fd(::memfd_create("archive", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
  EXPECT_EQ(::lseek(fd.get(), 0, SEEK_SET), 0);
  return fd;
}

std::string ContentOf(int fd) {
  std::string content(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  EXPECT_EQ(::pread(fd, content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
  return content;
}

using Files = std::vector<std::pair<std::string, std::string>>;

std::string Archive(const Files& files) {
  const base::UniqueFd fd = MemoryFile();
  TarWriter tar(fd.get(), kThen);
  for (const auto& [name, content] : files) EXPECT_TRUE(tar.Add(name, content));
  EXPECT_TRUE(tar.Finish());
  return ContentOf(fd.get());
}

/// What is in the archive, or what the reader complains about.
tl::expected<Files, std::string> Read(const std::string& archive) {
  const base::UniqueFd fd = MemoryFile(archive);
  TarReader tar(fd.get());
  Files files;
  for (;;) {
    auto entry = tar.Next();
    if (!entry) return tl::unexpected(entry.error().detail);
    if (!*entry) return files;
    auto content = tar.ReadAll(1 << 20);
    if (!content) return tl::unexpected(content.error().detail);
    files.emplace_back((*entry)->name, *content);
  }
}

/// The archive with another header for its first entry: changed, and summed again.
std::string WithHeader(std::string archive, const std::function<void(char*)>& change) {
  change(archive.data());
  unsigned sum = 8 * ' ';
  for (std::size_t i = 0; i < kTarBlockBytes; ++i) {
    if (i < 148 || i >= 156) sum += static_cast<unsigned char>(archive[i]);
  }
  std::snprintf(archive.data() + 148, 8, "%06o", sum);
  archive[155] = ' ';
  return archive;
}

TEST(Tar, GivesBackWhatWasWritten) {
  const Files files = {{"tenant.json", "{}"},
                       {"contacts/000001.ndjson", std::string(512, 'x')},
                       {"empty", ""},
                       {"blobs/" + std::string(64, 'a'), std::string(700'001, 'y')}};
  const auto read = Read(Archive(files));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, files);
}

TEST(Tar, TakesZeroesThatFillUpALargerBlock) {
  const auto read = Read(Archive({{"a", "1"}}) + std::string(10'240, '\0'));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->size(), 1U);
}

TEST(Tar, TheDigestIsOfAllBeforeTheEntry) {
  const base::UniqueFd fd = MemoryFile();
  TarWriter writer(fd.get(), kThen);
  ASSERT_TRUE(writer.Add("a", "some bytes"));
  const crypto::Sha256Digest written = writer.Digest();
  ASSERT_TRUE(writer.Add("b", ""));
  ASSERT_TRUE(writer.Finish());
  const std::string archive = ContentOf(fd.get());
  EXPECT_EQ(written, crypto::Sha256(std::string_view(archive).substr(0, 1024)));

  const base::UniqueFd again = MemoryFile(archive);
  TarReader reader(again.get());
  ASSERT_EQ((*reader.Next())->name, "a");
  ASSERT_TRUE(reader.ReadAll(100));
  ASSERT_EQ((*reader.Next())->name, "b");
  EXPECT_EQ(reader.DigestBeforeEntry(), written);
}

TEST(Tar, SizesFrom8GiBOnAreBinary) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1} << 32, (std::uint64_t{1} << 33) - 1,
                                   std::uint64_t{1} << 33, (std::uint64_t{1} << 62) + 5}) {
    const auto entry = ParseTarHeader(TarHeader({"blob", size}, kThen));
    ASSERT_TRUE(entry) << entry.error().detail;
    EXPECT_EQ((*entry)->size_bytes, size);
  }
}

TEST(Tar, RefusesWhatItDoesNotWrite) {
  const std::string good = Archive({{"a", "12"}, {"b", "34"}});
  const auto set = [](std::size_t at, std::string_view bytes) {
    return [at, bytes](char* header) { std::memcpy(header + at, bytes.data(), bytes.size()); };
  };
  const struct {
    const char* what;
    std::string archive;
    const char* complaint;
  } cases[] = {
      {"nothing", "", "ends in the middle"},
      {"cut in a header", good.substr(0, 300), "ends in the middle"},
      {"cut in an entry", good.substr(0, 513), "ends in the middle"},
      {"cut behind an entry", good.substr(0, 1024), "ends in the middle"},
      {"one block of zeroes", good.substr(0, good.size() - 512), "ends in the middle"},
      {"bytes behind the end", good + "x", "bytes behind the archive's end"},
      {"bytes in the padding", good.substr(0, 520) + "x" + good.substr(521), "bytes between two entries"},
      {"text", std::string(2048, 'x'), "no header"},
      {"a changed header", "z" + good.substr(1), "wrong checksum"},
      {"a folder", WithHeader(good, set(156, "5")), "no regular file"},
      {"a symbolic link", WithHeader(good, set(156, "2")), "no regular file"},
      {"a hard link", WithHeader(good, set(156, "1")), "no regular file"},
      {"a device", WithHeader(good, set(156, "3")), "no regular file"},
      {"an extended header", WithHeader(good, set(156, "x")), "no regular file"},
      {"a GNU archive", WithHeader(good, set(257, std::string_view("ustar  \0", 8))), "no header"},
      {"a link's target", WithHeader(good, set(157, "b")), "a link"},
      {"a name in two parts", WithHeader(good, set(345, "b")), "a link"},
      {"a path outside", WithHeader(good, set(0, "../a")), "a name that no export has"},
      {"an absolute path", WithHeader(good, set(0, "/a")), "a name that no export has"},
      {"a path that goes back", WithHeader(good, set(0, "a/../b")), "a name that no export has"},
      {"a folder's name", WithHeader(good, set(0, "a/")), "a name that no export has"},
      {"an empty name", WithHeader(good, set(0, std::string_view("\0", 1))), "a name that no export has"},
      {"bytes behind the name", WithHeader(good, set(5, "b")), "a name that no export has"},
      {"a control character", WithHeader(good, set(0, "\n")), "a name that no export has"},
      {"a size that is none", WithHeader(good, set(124, "9")), "no size"},
      {"a binary size that octal could say", WithHeader(good, set(124, "\x80")), "no size"},
      {"a size beyond 2^63", WithHeader(good, set(124, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), "no size"},
      {"a negative size", WithHeader(good, set(124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), "no size"},
      {"a size beyond the archive", WithHeader(good, set(124, "00000007777")), "ends in the middle"},
      {"an entry that is too large", WithHeader(good, set(124, "00100000000")), "larger than an export makes it"},
  };
  for (const auto& [what, archive, complaint] : cases) {
    const auto read = Read(archive);
    ASSERT_FALSE(read) << what;
    EXPECT_NE(read.error().find(complaint), std::string::npos) << what << ": " << read.error();
  }
}

TEST(Tar, SaysWhyTheOutputCannotBeWritten) {
  const base::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  TarWriter tar(full.get(), kThen);
  ASSERT_TRUE(tar.Add("a", "1"));
  const base::Status finished = tar.Finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, base::ErrorCode::kStorageFull);
}

}  // namespace
}  // namespace portal::service
