#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace portal::service {

/// The columns of an import, in the order in which rows hand out their cells.
struct ImportColumns {
  std::span<const std::string_view> names;
  std::size_t required = 0;  ///< how many of them, from the first on, every row must have

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  /// kNone where there is no column of that name.
  std::size_t Find(std::string_view name) const;
  /// `there is no column "emial"; did you mean "email"?`
  std::string Unknown(std::string_view name) const;
};

namespace contact_column {
enum : std::size_t { kId, kName, kEmail, kPhone, kCompany, kAddress, kCreatedAt, kUpdatedAt };
}
inline constexpr std::array<std::string_view, 8> kContactColumnNames = {
    "id", "name", "email", "phone", "company", "address", "created_at", "updated_at"};
inline constexpr ImportColumns kContactColumns{kContactColumnNames, 2};

namespace job_column {
enum : std::size_t { kId, kTitle, kStatus, kContactId, kAddress, kScheduledAt, kCompletedAt, kCreatedAt, kUpdatedAt };
}
inline constexpr std::array<std::string_view, 9> kJobColumnNames = {
    "id", "title", "status", "contact_id", "address", "scheduled_at", "completed_at", "created_at", "updated_at"};
inline constexpr ImportColumns kJobColumns{kJobColumnNames, 3};

}  // namespace portal::service
