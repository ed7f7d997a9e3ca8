#include "service/operator_password.h"

#include <utility>

#include "crypto/password.h"
#include "model/plain_text.h"
#include "store/notes.h"

namespace portal::service {

base::Status SetOperatorPassword(store::Writer& writer, std::string_view password) {
  if (password.size() < kShortestPassword || password.size() > kLongestPassword) {
    return base::Fail(base::ErrorCode::kValidation, "password: has " + std::to_string(password.size()) +
                                                        " bytes; it must have " + std::to_string(kShortestPassword) +
                                                        " to " + std::to_string(kLongestPassword));
  }
  if (!model::IsPlainText(password)) {
    return base::Fail(base::ErrorCode::kValidation,
                      "password: is not UTF-8, or has control characters, and could not be typed on the admin page");
  }
  if (password.find_first_not_of(' ') == std::string_view::npos) {
    return base::Fail(base::ErrorCode::kValidation, "password: has nothing but blanks");
  }
  // Before the transaction: others should not wait for it.
  const auto hash = crypto::HashPassword(password);
  if (!hash) return base::Fail(hash.error());
  return writer.Write(
      [&](store::WriteTransaction& transaction) { return transaction.KeepNote(store::kOperatorPassword, *hash); });
}

base::Result<bool> RemoveOperatorPassword(store::Writer& writer) {
  bool found = false;
  auto removed = writer.Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto kept = transaction.FindNote(store::kOperatorPassword);
    if (!kept) return base::Fail(kept.error());
    found = kept->has_value();
    return transaction.DropNote(store::kOperatorPassword);
  });
  if (!removed) return base::Fail(std::move(removed).error());
  return found;
}

base::Result<std::optional<std::string>> FindOperatorPassword(store::Reader& reader) {
  return reader.FindNote(store::kOperatorPassword);
}

}  // namespace portal::service
