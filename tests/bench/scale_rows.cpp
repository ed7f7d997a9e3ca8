#include "scale_rows.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

namespace portal::bench {
namespace {

constexpr std::array<std::string_view, 16> kFirstNames = {"Ada",    "Grace", "Alan",   "Edsger",  "Barbara", "Donald",
                                                          "Ken",    "Radia", "Bjarne", "Niklaus", "Frances", "John",
                                                          "Leslie", "Robin", "Tony",   "Dennis"};
constexpr std::array<std::string_view, 8> kTrades = {"Roofing", "Plumbing", "Heating", "Electric",
                                                     "Masonry", "Gardens",  "Windows", "Floors"};
constexpr std::int64_t kFirstMs = 1'700'000'000'000;
constexpr std::int64_t kMsBetweenRows = 1'000;

/// Mixes all bits of its input into all bits of its output (splitmix64).
std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::uint64_t MixOf(std::int64_t tenant, std::int64_t number) {
  return Mix(Mix(static_cast<std::uint64_t>(tenant)) + static_cast<std::uint64_t>(number));
}

base::WallTime TimeOf(std::int64_t number) {
  return base::WallTime{std::chrono::milliseconds(kFirstMs + number * kMsBetweenRows)};
}

}  // namespace

void ScaleRows::FillContact(std::int64_t number, model::Contact& out) const {
  const std::uint64_t random = MixOf(tenant_, number);
  const std::string_view first = kFirstNames[random % kFirstNames.size()];
  std::string family = FamilyName(number % (contacts_ / kContactsPerFamily));
  const std::string digits = std::to_string(number);
  out.id = base::ContactId(ContactId(number));
  out.email.emplace(first).append(".").append(family).append(digits).append("@example.com");
  family.front() = 'M';
  out.name.assign(first).append(" ").append(family);
  out.phone.emplace("+1-555-").append(std::to_string(1'000'000 + random % 9'000'000));
  out.company.reset();
  if (random & 0x100) {
    const std::string_view trade = kTrades[(random >> 16) % kTrades.size()];
    out.company.emplace("Company ").append(std::to_string((random >> 24) % 997)).append(" ").append(trade);
  }
  out.address.emplace(std::to_string(random % 9'000)).append(" Main Street, Springfield, IL 62704");
  out.created_at = TimeOf(number);
  out.updated_at = out.created_at + std::chrono::hours((random >> 40) % 1'000);
}

model::Job ScaleRows::Job(std::int64_t number) const {
  const std::uint64_t random = MixOf(~tenant_, number);
  model::Job job;
  job.id = base::JobId("job_" + std::to_string(number));
  job.title = std::string(kTrades[random % kTrades.size()]) + " " + std::to_string(number);
  job.status = static_cast<model::JobStatus>(random % model::kJobStatusNames.size());
  job.contact_id = base::ContactId(ContactId(static_cast<std::int64_t>(random >> 1) % contacts_));
  job.scheduled_at = TimeOf(number) + std::chrono::hours(random % 1'000);
  job.created_at = TimeOf(number);
  job.updated_at = job.created_at;
  return job;
}

std::string ScaleRows::FamilyName(std::int64_t family) {
  std::string name = "mcaaaa";
  for (std::size_t i = name.size(); family > 0; family /= 26) name[--i] = static_cast<char>('a' + family % 26);
  return name;
}

std::string ScaleRows::ContactId(std::int64_t number) const {
  const auto high = static_cast<unsigned long long>(MixOf(tenant_, number));
  const auto low = static_cast<unsigned long long>(Mix(high));
  char text[37];
  std::snprintf(text, sizeof text, "%08llx-%04llx-4%03llx-8%03llx-%012llx", high >> 32, (high >> 16) & 0xffff,
                high & 0xfff, low >> 52, low & 0xffff'ffff'ffff);
  return text;
}

}  // namespace portal::bench
