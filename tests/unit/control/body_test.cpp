#include "control/body.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portal::control {
namespace {

using base::ErrorCode;

/// A connection's bytes, a few at a time; then the client's end.
class Bytes final : public BodySource {
 public:
  explicit Bytes(std::string bytes, std::size_t piece_bytes = 3) : bytes_(std::move(bytes)), piece_(piece_bytes) {}

  base::Result<std::string_view> Peek() override {
    ++peeks;
    return std::string_view(bytes_).substr(at_, piece_);
  }
  void Consume(std::size_t bytes) override { at_ += bytes; }
  bool SayContinue() override {
    ++continues;
    return true;
  }
  std::string Rest() const { return bytes_.substr(at_); }

  int peeks = 0;
  int continues = 0;

 private:
  std::string bytes_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

http::Head WithLength(std::uint64_t length) {
  http::Head head;
  head.content_length = length;
  head.has_body = length > 0;
  return head;
}
http::Head Chunked() {
  http::Head head;
  head.chunked = head.has_body = true;
  return head;
}

TEST(Body, IsWhatItsFramingSaysAndNotAByteMore) {
  struct Case {
    http::Head head;
    std::string bytes;
    std::string body;
    std::string rest;
  };
  const Case cases[] = {
      {WithLength(0), "next", "", "next"},           {WithLength(5), "hello", "hello", ""},
      {WithLength(5), "hellonext", "hello", "next"}, {Chunked(), "5\r\nhello\r\n0\r\n\r\nnext", "hello", "next"},
      {Chunked(), "0\r\n\r\nnext", "", "next"},
  };
  for (const Case& c : cases) {
    Bytes bytes(c.bytes);
    Body body(c.head, bytes);
    const auto read = body.Read(5);
    ASSERT_TRUE(read) << c.bytes << ": " << read.error().detail;
    EXPECT_EQ(*read, c.body);
    EXPECT_EQ(bytes.Rest(), c.rest);
    EXPECT_TRUE(body.Discard());
  }
}

TEST(Body, IsRefusedForItsReasonAndThenTheConnectionIsNotUsedAgain) {
  struct Case {
    http::Head head;
    std::string bytes;
    ErrorCode code;
  };
  const Case cases[] = {
      {http::Head{}, "", ErrorCode::kLengthRequired},
      {WithLength(6), "hello!", ErrorCode::kPayloadTooLarge},
      {WithLength(5), "hell", ErrorCode::kBadRequest},
      {WithLength(5), "", ErrorCode::kBadRequest},
      {Chunked(), "6\r\nhello!\r\n0\r\n\r\n", ErrorCode::kPayloadTooLarge},
      {Chunked(), "3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n", ErrorCode::kPayloadTooLarge},
      {Chunked(), "5\r\nhello\r\n", ErrorCode::kBadRequest},
      {Chunked(), "5\r\nhello\n0\r\n\r\n", ErrorCode::kBadRequest},
  };
  for (const Case& c : cases) {
    Bytes bytes(c.bytes);
    Body body(c.head, bytes);
    const auto read = body.Read(5);
    ASSERT_FALSE(read) << c.bytes;
    EXPECT_EQ(read.error().code, c.code) << c.bytes;
    if (c.code == ErrorCode::kBadRequest) {
      EXPECT_FALSE(body.Discard()) << c.bytes;
    }
  }
}

TEST(Body, ThatIsDeclaredTooLargeIsRefusedBeforeAByteOfItIsRead) {
  http::Head head = WithLength(6);
  head.fields = {{"Expect", "100-continue"}};
  Bytes bytes("hello!");
  Body body(head, bytes);
  EXPECT_EQ(body.Read(5).error().code, ErrorCode::kPayloadTooLarge);
  EXPECT_EQ(bytes.peeks, 0);
  EXPECT_EQ(bytes.continues, 0);
  EXPECT_FALSE(body.Discard()) << "the client has not sent it and never will";
}

TEST(Body, IsAskedForWithItsFirstReadAndOnlyOfAClientThatWaits) {
  for (const bool waits : {false, true}) {
    http::Head head = WithLength(5);
    if (waits) head.fields = {{"expect", "100-Continue"}};
    Bytes bytes("hello");
    Body body(head, bytes);
    EXPECT_EQ(bytes.continues, 0);
    EXPECT_TRUE(body.Read(5));
    EXPECT_EQ(bytes.continues, waits ? 1 : 0);
  }
}

TEST(Body, WhatTheSinkSaysEndsIt) {
  Bytes bytes("hello");
  Body body(WithLength(5), bytes);
  std::vector<std::string> pieces;
  const auto read = body.Read(5, [&](std::string_view piece) -> base::Status {
    pieces.emplace_back(piece);
    if (pieces.size() == 2) return base::Fail(ErrorCode::kStorageFull, "The disk is full");
    return {};
  });
  EXPECT_EQ(read.error().code, ErrorCode::kStorageFull);
  EXPECT_EQ(pieces, (std::vector<std::string>{"hel", "lo"}));
  EXPECT_FALSE(body.Discard());
}

TEST(Body, ThatNobodyWantedIsDroppedWhereItIsSmall) {
  struct Case {
    http::Head head;
    std::string bytes;
    bool dropped;
  };
  const Case cases[] = {
      {WithLength(5), "hello", true},  {WithLength(5), "hell", false},   {WithLength(100'000), "", false},
      {Chunked(), "0\r\n\r\n", false}, {http::Head{}, "anything", true},
  };
  for (const Case& c : cases) {
    Bytes bytes(c.bytes);
    Body body(c.head, bytes);
    EXPECT_EQ(body.Discard(), c.dropped) << c.bytes;
  }
}

}  // namespace
}  // namespace portal::control
