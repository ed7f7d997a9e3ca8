#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace portal::model {

/// Stored as its number: append only.
enum class JobStatus : std::uint8_t { kPending, kScheduled, kInProgress, kOnHold, kCompleted, kCancelled };
inline constexpr std::array<std::string_view, 6> kJobStatusNames = {"pending", "scheduled", "in_progress",
                                                                    "on_hold", "completed", "cancelled"};
inline std::string_view ToText(JobStatus status) { return kJobStatusNames[static_cast<std::size_t>(status)]; }
std::optional<JobStatus> ParseJobStatus(std::string_view text);

/// `job_` and 1 to 60 of `[A-Za-z0-9_-]`.
bool IsJobId(std::string_view text);

struct Job {
  base::JobId id;
  std::string title;
  JobStatus status = JobStatus::kPending;
  std::optional<base::ContactId> contact_id;
  std::optional<std::string> address;
  std::optional<base::WallTime> scheduled_at;
  std::optional<base::WallTime> completed_at;
  base::WallTime created_at;
  base::WallTime updated_at;
  friend bool operator==(const Job&, const Job&) = default;
};

/// A job as a page reads it: views into the database's row, gone when the row is.
struct JobView {
  std::string_view id;
  std::string_view title;
  JobStatus status;
  std::optional<std::string_view> contact_id;
  std::optional<std::string_view> address;
  std::optional<base::WallTime> scheduled_at;
  std::optional<base::WallTime> completed_at;
  base::WallTime created_at;
  base::WallTime updated_at;
};

enum class JobSort { kCreatedAt, kUpdatedAt, kScheduledAt };

}  // namespace portal::model
