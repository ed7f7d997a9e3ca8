#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace portal::model {

/// A UUID in its canonical text: 36 characters, lower case (RFC 9562 §4).
bool IsContactId(std::string_view text);

/// A contact as a feed writes it. Absent fields are null in the API.
struct Contact {
  base::ContactId id;
  std::string name;
  std::optional<std::string> email;
  std::optional<std::string> phone;
  std::optional<std::string> company;
  std::optional<std::string> address;
  base::WallTime created_at;
  base::WallTime updated_at;
  friend bool operator==(const Contact&, const Contact&) = default;
};

/// A contact as a page reads it: views into the database's row, gone when the row is.
struct ContactView {
  std::string_view id;
  std::string_view name;
  std::optional<std::string_view> email;
  std::optional<std::string_view> phone;
  std::optional<std::string_view> company;
  std::optional<std::string_view> address;
  base::WallTime created_at;
  base::WallTime updated_at;
};

enum class ContactSort { kCreatedAt, kUpdatedAt, kName };

}  // namespace portal::model
