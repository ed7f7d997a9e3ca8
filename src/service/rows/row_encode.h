#pragma once

#include <string>
#include <string_view>

#include "model/contact.h"
#include "model/file.h"
#include "model/job.h"

namespace portal::service {

// Each appends one JSON object, with the members and in the order of the contract.
void AppendContact(const model::ContactView& contact, std::string& json);
void AppendJob(const model::JobView& job, std::string& json);
void AppendSignedFile(const model::FileView& file, std::string_view signed_url, base::WallTime expires_at,
                      std::string& json);
/// The same without URL: what the row itself holds.
void AppendFile(const model::FileView& file, std::string& json);

}  // namespace portal::service
