#include "net/input_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace portal::net {
namespace {

void Append(InputBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = buffer.Room();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    buffer.Commit(size);
    bytes.remove_prefix(size);
  }
}

TEST(InputBuffer, KeepsItsContentWhileItGrowsAndShrinks) {
  InputBuffer buffer;
  std::string expected = "start";
  buffer.Assign(expected);
  for (int i = 0; i < 200; ++i) {
    const std::string more(static_cast<std::size_t>(i * 37 % 900), static_cast<char>('a' + i % 26));
    Append(buffer, more);
    expected += more;
    const std::size_t taken = expected.size() / 3;
    buffer.Consume(taken);
    expected.erase(0, taken);
    ASSERT_EQ(buffer.view(), expected);
  }
}

TEST(InputBuffer, AlwaysHasRoom) {
  InputBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  for (int i = 0; i < 8; ++i) {
    const std::size_t room = buffer.Room().size();
    ASSERT_GE(room, 4096u);
    buffer.Commit(room);
  }
}

TEST(InputBuffer, IsEmptyOnceAllIsConsumed) {
  InputBuffer buffer;
  buffer.Assign("abc");
  buffer.Consume(2);
  EXPECT_EQ(buffer.view(), "c");
  buffer.Consume(1);
  EXPECT_TRUE(buffer.empty());
  buffer.Assign("");
  EXPECT_TRUE(buffer.empty());
  buffer.Assign("again");
  buffer.Clear();
  EXPECT_TRUE(buffer.empty());
}

}  // namespace
}  // namespace portal::net
