#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/movable_clock.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "control/test_faults.h"
#include "control/test_requests.h"
#include "store/injected_fault.h"

namespace portal::control {

/// What the routes below /test/ move. A portal that was not started with --test-mode has none, and no such routes.
struct TestMode {
  base::MovableClock& clock;
  TestFaults& faults;
  TestRequests& requests;
  store::InjectedFaults& database_fault;
  blob::BlobStore::InjectedFaults& blob_fault;
  std::vector<std::string> data_plane_routes;  ///< the patterns that a fault may name
  std::function<base::Status()> reset;         ///< all of the portal is as it was when it was ready
};

}  // namespace portal::control
