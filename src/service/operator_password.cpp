#include "service/operator_password.h"

#include <utility>

#include "crypto/password.h"
#include "store/notes.h"

namespace portal::service {

base::Status SetOperatorPassword(store::Writer& writer, std::string_view password) {
  if (password.size() < kShortestPassword || password.size() > kLongestPassword) {
    return base::Fail(base::ErrorCode::kValidation, "password: has " + std::to_string(password.size()) +
                                                        " bytes; it must have " + std::to_string(kShortestPassword) +
                                                        " to " + std::to_string(kLongestPassword));
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
