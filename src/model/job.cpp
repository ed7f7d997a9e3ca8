#include "model/job.h"

#include <algorithm>

#include "model/id_text.h"

namespace portal::model {

std::optional<JobStatus> ParseJobStatus(std::string_view text) {
  const auto found = std::find(kJobStatusNames.begin(), kJobStatusNames.end(), text);
  if (found == kJobStatusNames.end()) return std::nullopt;
  return static_cast<JobStatus>(found - kJobStatusNames.begin());
}

bool IsJobId(std::string_view text) { return IsPrefixedId(text, "job_"); }

}  // namespace portal::model
