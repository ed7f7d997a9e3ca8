#include "blob/failure.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace portal::blob {
namespace {

TEST(BlobFailures, AreFaultsUnlessTheProcessItselfIsInWant) {
  using base::ErrorCode;
  const struct {
    int error;
    ErrorCode code;
    std::string fault;
  } cases[] = {
      {EIO, ErrorCode::kUnavailable, "open: Input/output error"},
      {EACCES, ErrorCode::kUnavailable, "open: Permission denied"},
      {ENOSPC, ErrorCode::kStorageFull, "open: No space left on device"},
      {EMFILE, ErrorCode::kUnavailable, ""},
      {ENFILE, ErrorCode::kUnavailable, ""},
      {ENOMEM, ErrorCode::kUnavailable, ""},
  };
  for (const auto& c : cases) {
    errno = c.error;
    const base::Error error = Failure("open", "/secret/place").value();
    EXPECT_EQ(error.code, c.code) << c.error;
    EXPECT_EQ(error.fault, c.fault);
    EXPECT_EQ(error.detail.find("secret"), std::string::npos) << error.detail;
    EXPECT_NE(error.internal.find("/secret/place"), std::string::npos) << error.internal;
  }
}

}  // namespace
}  // namespace portal::blob
