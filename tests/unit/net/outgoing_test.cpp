#include "net/outgoing.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "support/temp_folder.h"

namespace portal::net {
namespace {

class Heard final : public http::FileReadWatcher {
 public:
  void ReadFailed(int error) const override { errors.push_back(error); }
  mutable std::vector<int> errors;
};

TEST(Outgoing, SaysThatAFileCannotBeRead) {
  const testing::TempFolder folder;
  const Heard heard;
  http::Request request;
  http::Response response;
  // A folder can be opened, and not read.
  response.file = http::FileRegion{base::UniqueFd(::open(folder.path().c_str(), O_RDONLY | O_CLOEXEC)), 0, 10, &heard};
  Outgoing outgoing;
  outgoing.Start(request, std::move(response), false);
  outgoing.ReadAhead();
  EXPECT_EQ(heard.errors, std::vector<int>{EISDIR});
}

}  // namespace
}  // namespace portal::net
