#include "api/encode.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace portal::api {
namespace {

constexpr base::WallTime kCreated{std::chrono::milliseconds{1756778723456}};

TEST(Encode, WritesAContactWithTheMembersOfTheContract) {
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

TEST(Encode, HasRoomForTextsOfEverySizeAndTheWorstEscapes) {
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
}  // namespace portal::api
