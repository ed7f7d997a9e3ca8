#include "service/token_uses.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace portal::service {

struct TokenUses::Notes {
  base::Mutex mu;
  Uses uses GUARDED_BY(mu);
};

TokenUses::TokenUses(std::size_t workers) {
  for (std::size_t i = 0; i < workers; ++i) notes_.push_back(std::make_unique<Notes>());
}

TokenUses::~TokenUses() = default;

void TokenUses::Note(base::WorkerId worker, const base::TenantId& tenant, const std::string& token_id,
                     base::WallTime at) {
  Notes& notes = *notes_.at(worker.index);
  const base::MutexLock lock(notes.mu);
  notes.uses.insert_or_assign(token_id, Use{tenant, at});
}

TokenUses::Uses TokenUses::TakeAll() {
  Uses all;
  for (const auto& notes : notes_) {
    Uses taken;
    {
      const base::MutexLock lock(notes->mu);
      taken.swap(notes->uses);
    }
    for (auto& [token, use] : taken) {
      const auto [known, added] = all.try_emplace(token, use);
      if (!added) known->second.at = std::max(known->second.at, use.at);
    }
  }
  return all;
}

base::Status TokenUses::ForgetAround(base::FunctionRef<base::Status()> rewind) {
  const base::MutexLock lock(mu_);  // nobody writes what he took before
  base::Status done = rewind();
  TakeAll();
  written_.clear();
  return done;
}

base::Status TokenUses::Write(store::Writer& writer) {
  const base::MutexLock lock(mu_);
  Uses uses = TakeAll();
  for (auto use = uses.begin(); use != uses.end();) {
    const auto last = written_.find(use->first);
    const bool due = last == written_.end() || use->second.at - last->second >= kPrecision ||
                     use->second.at < last->second;  // the machine's clock was set back
    use = due ? std::next(use) : uses.erase(use);
  }
  if (uses.empty()) return {};
  const auto done = writer.Write([&](store::WriteTransaction& transaction) -> base::Status {
    for (const auto& [token, use] : uses) {
      const bool of_operator = use.tenant == base::TenantId{};
      auto noted = of_operator ? transaction.NoteOperatorTokenUse(token, use.at)
                               : transaction.NoteTokenUse(use.tenant, token, use.at);
      if (!noted) return noted;
    }
    return {};
  });
  if (!done) return done;
  // What is not among these was last written before, and is due whenever it is used again.
  written_.clear();
  for (const auto& [token, use] : uses) written_.emplace(token, use.at);
  return {};
}

}  // namespace portal::service
