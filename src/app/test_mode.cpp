#include "app/test_mode.h"

#include <string>
#include <utility>
#include <vector>

#include "api/routes.h"
#include "crypto/random.h"

namespace portal::app {
namespace {

std::vector<std::string> DataPlaneRoutes() {
  std::vector<std::string> patterns;
  for (const api::RouteEntry& entry : api::RouteTable()) patterns.emplace_back(entry.pattern);
  return patterns;
}

}  // namespace

TestMode::TestMode(const Options& options)
    : seeded_(options.random_seed.has_value()),
      clock_(options.clock),
      faults_(clock_, requests_),
      control_{
          clock_, faults_, requests_, database_fault_, blob_fault_, DataPlaneRoutes(), [this] { return Reset(); }} {
  if (seeded_) crypto::SeedRandom(*options.random_seed);
}

base::Status TestMode::Remember(store::Database& database, const std::filesystem::path& folder) {
  auto store = TestModeStore::Remember(database, folder);
  if (!store) return base::Fail(std::move(store).error());
  store_.emplace(*std::move(store));
  return {};
}

void TestMode::NoteStart() {
  if (seeded_) random_start_ = crypto::SeededRandomPosition();
}

/// Faults and breakers first: what follows must not meet them.
base::Status TestMode::Reset() {
  faults_.Set({});
  database_fault_ = store::InjectedFault::kNone;
  blob_fault_ = blob::BlobStore::InjectedFault::kNone;
  clock_.Reset();
  if (auto done = on_reset_([this] { return store_->PutBack(); }); !done) return done;
  if (seeded_) crypto::SetSeededRandomPosition(random_start_);
  requests_.Clear();
  return {};
}

}  // namespace portal::app
