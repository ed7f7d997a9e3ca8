#include "service/rows/row_encode.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace portal::service {
namespace {

constexpr base::WallTime kCreated{std::chrono::milliseconds{1756778723456}};

TEST(RowEncode, WritesAContactWithTheMembersOfTheContract) {
  model::ContactView contact{.id = "550e8400-e29b-41d4-a716-446655440000",
                             .name = "Zoë \"Z\" O'Hara",
                             .email = "zoe@example.com",
                             .phone = std::nullopt,
                             .company = "",
                             .address = std::nullopt,
                             .created_at = kCreated,
                             .updated_at = kCreated};
  std::string json = "[";
  AppendContact(contact, json);
  EXPECT_EQ(json,
            R"([{"id":"550e8400-e29b-41d4-a716-446655440000","name":"Zoë \"Z\" O'Hara","email":"zoe@example.com",)"
            R"("phone":null,"company":"","address":null,"created_at":"2025-09-02T02:05:23.456Z",)"
            R"("updated_at":"2025-09-02T02:05:23.456Z"})");
}

TEST(RowEncode, WritesAFileWithAndWithoutItsUrl) {
  model::ContentHash hash{};
  hash.fill(0xAB);
  const model::FileView file{.id = "file_1",
                             .name = "a.pdf",
                             .kind = model::FileKind::kDocument,
                             .content_type = "application/pdf",
                             .size_bytes = 7,
                             .sha256 = hash,
                             .created_at = kCreated};
  std::string digest;
  for (int i = 0; i < 32; ++i) digest += "ab";
  std::string signed_json;
  AppendSignedFile(file, "https://x/y", kCreated, signed_json);
  std::string json;
  AppendFile(file, json);
  EXPECT_EQ(json, R"({"id":"file_1","name":"a.pdf","kind":"document","content_type":"application/pdf","size":7,)"
                  R"("sha256":")" +
                      digest + R"(","created_at":"2025-09-02T02:05:23.456Z"})");
  auto stripped = nlohmann::json::parse(signed_json);
  EXPECT_EQ(stripped.at("signed_url"), "https://x/y");
  EXPECT_EQ(stripped.erase("signed_url"), 1U);
  EXPECT_EQ(stripped.erase("expires_at"), 1U);
  EXPECT_EQ(stripped, nlohmann::json::parse(json));
}

TEST(RowEncode, HasRoomForTextsOfEverySizeAndTheWorstEscapes) {
  for (const std::size_t size : {0, 1, 100, 500, 600, 700, 5000, 100'000}) {
    const std::string worst(size, '\x01');
    model::JobView job{.id = worst,
                       .title = worst,
                       .status = model::JobStatus::kInProgress,
                       .contact_id = worst,
                       .address = worst,
                       .scheduled_at = kCreated,
                       .completed_at = kCreated,
                       .created_at = kCreated,
                       .updated_at = kCreated};
    std::string json;
    AppendJob(job, json);
    const auto parsed = nlohmann::json::parse(json);
    EXPECT_EQ(parsed.at("title"), worst);
    EXPECT_EQ(parsed.at("contact_id"), worst);
    EXPECT_EQ(parsed.at("status"), "in_progress");
  }
}

}  // namespace
}  // namespace portal::service
