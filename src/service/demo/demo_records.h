#pragma once

#include <cstddef>
#include <vector>

#include "model/contact.h"
#include "model/job.h"
#include "service/demo/demo_lists.h"
#include "service/demo/demo_random.h"

namespace portal::service {

/// The instant that all demo data lies before: the evening of the day in the specification.
base::WallTime DemoNow();

/// Customers of a roofing contractor, from the two years before DemoNow().
std::vector<model::Contact> DemoContacts(const DemoLists& lists, std::size_t count, DemoRandom& random);

/// Work for these contacts, in every status.
std::vector<model::Job> DemoJobs(const DemoLists& lists, const std::vector<model::Contact>& contacts, std::size_t count,
                                 DemoRandom& random);

}  // namespace portal::service
