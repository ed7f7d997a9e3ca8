#pragma once

#include <cstdint>
#include <string>

#include "model/contact.h"
#include "model/job.h"

namespace portal::bench {

/// Contacts and jobs as a feed would send them, the same on every run: each follows from its tenant's number and its
/// own, so that any row can refer to any other without looking it up.
class ScaleRows {
 public:
  /// Every family name belongs to this many contacts, however many a tenant has: a search finds as much in a large
  /// tenant as in a small one.
  static constexpr std::int64_t kContactsPerFamily = 40;

  /// `contacts`: a multiple of kContactsPerFamily.
  ScaleRows(std::int64_t tenant, std::int64_t contacts) : tenant_(tenant), contacts_(contacts) {}

  /// In the order of creation; a family's contacts are spread over all of it. `out` keeps its memory.
  void FillContact(std::int64_t number, model::Contact& out) const;
  model::Job Job(std::int64_t number) const;

  /// Six letters, so that no name begins with another: `mcaaaa`, `mcaaab`, … below contacts / kContactsPerFamily.
  static std::string FamilyName(std::int64_t family);

 private:
  std::string ContactId(std::int64_t number) const;

  std::int64_t tenant_;
  std::int64_t contacts_;
};

}  // namespace portal::bench
