#include "base/durable.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "support/temp_folder.h"

namespace portal::base {
namespace {

TEST(Durable, KnowsWhatNoSpaceLooksLike) {
  for (const int error : {ENOSPC, EDQUOT, EFBIG}) EXPECT_TRUE(IsOutOfSpace(error)) << error;
  for (const int error : {0, EIO, EROFS, EACCES, ENOMEM}) EXPECT_FALSE(IsOutOfSpace(error)) << error;
}

TEST(Durable, WritesMoreThanAPipeTakesAtOnce) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const std::string sent(1'000'000, 'x');
  std::jthread writer([&] {
    EXPECT_TRUE(WriteFully(writing.get(), std::as_bytes(std::span(sent))));
    writing.Reset();
  });
  std::string received, piece(10'000, '\0');
  for (ssize_t got; (got = ::read(reading.get(), piece.data(), piece.size())) > 0;) {
    received.append(piece, 0, static_cast<std::size_t>(got));
  }
  EXPECT_EQ(received, sent);
}

TEST(Durable, SaysWhyNothingCouldBeWritten) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_FALSE(WriteFully(full.get(), std::as_bytes(std::span("text"))));
  EXPECT_EQ(errno, ENOSPC);
}

TEST(Durable, SyncsFoldersAndNothingElse) {
  const testing::TempFolder folder;
  EXPECT_TRUE(SyncFolder(folder.path()));
  EXPECT_TRUE(SyncFolder({}));
  EXPECT_FALSE(SyncFolder(folder.path() / "absent"));
  EXPECT_EQ(errno, ENOENT);
}

}  // namespace
}  // namespace portal::base
