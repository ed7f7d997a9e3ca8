#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace portal::service {

/// The columns of a kind of row, in the order in which readers hand out its cells. In JSON they are the members.
struct RowColumns {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::span<const std::string_view> names;
  std::size_t keys = 0;         ///< how many of them, from the first on, say which row it is
  std::size_t required = 0;     ///< how many of them, from the first on, every row must have
  std::size_t numeric = kNone;  ///< the one that JSON gives as a number

  /// kNone where there is no column of that name.
  std::size_t Find(std::string_view name) const;
  /// `there is no column "emial"; did you mean "email"?` Members of a JSON document are called fields.
  std::string Unknown(std::string_view name, std::string_view noun = "column") const;
  /// The same columns for rows that only have to say which row they mean.
  RowColumns KeysOnly() const { return {names, keys, keys, numeric}; }
};

/// What a row has in one column: a view that dies with what was read.
struct RowCell {
  std::string_view text;
  bool null = true;
  std::size_t offset = 0;  ///< in the record, to tell the place
};

namespace contact_column {
enum : std::size_t { kId, kName, kEmail, kPhone, kCompany, kAddress, kCreatedAt, kUpdatedAt };
}
inline constexpr std::array<std::string_view, 8> kContactColumnNames = {
    "id", "name", "email", "phone", "company", "address", "created_at", "updated_at"};
inline constexpr RowColumns kContactColumns{kContactColumnNames, 1, 2};

namespace job_column {
enum : std::size_t { kId, kTitle, kStatus, kContactId, kAddress, kScheduledAt, kCompletedAt, kCreatedAt, kUpdatedAt };
}
inline constexpr std::array<std::string_view, 9> kJobColumnNames = {
    "id", "title", "status", "contact_id", "address", "scheduled_at", "completed_at", "created_at", "updated_at"};
inline constexpr RowColumns kJobColumns{kJobColumnNames, 1, 3};

namespace file_column {
enum : std::size_t { kJobId, kId, kName, kSha256, kKind, kContentType, kSize, kCreatedAt };
}
inline constexpr std::array<std::string_view, 8> kFileColumnNames = {"job_id", "id",           "name", "sha256",
                                                                     "kind",   "content_type", "size", "created_at"};
inline constexpr RowColumns kFileColumns{kFileColumnNames, 2, 4, file_column::kSize};

}  // namespace portal::service
