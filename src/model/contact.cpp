#include "model/contact.h"

#include "base/uuid_text.h"

namespace portal::model {

bool IsContactId(std::string_view text) { return base::IsUuidText(text); }

}  // namespace portal::model
