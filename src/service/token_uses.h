#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/result.h"
#include "store/writer.h"

namespace portal::service {

/// When which bearer token was last used, in memory until somebody writes it into the store: a request must not wait
/// for a disk to say that it was there. Thread-safe; each worker notes into a list of its own.
class TokenUses {
 public:
  /// How exactly a token's last use is known: to this, and to the time between two writes.
  static constexpr std::chrono::minutes kPrecision{1};

  explicit TokenUses(std::size_t workers);
  ~TokenUses();

  /// `tenant` is 0 for an operator's token.
  void Note(base::WorkerId worker, const base::TenantId& tenant, const std::string& token_id, base::WallTime at);

  /// Writes, in one transaction, the uses of tokens whose last written one is kPrecision back or more; none where there
  /// is no such token. Forgets all notes, also when it fails.
  base::Status Write(store::Writer& writer);

  /// Runs `rewind`, which puts the store back to where it was once, and forgets all notes from before its end: none of
  /// them is written meanwhile or later. Returns what `rewind` does. For test mode.
  base::Status ForgetAround(base::FunctionRef<base::Status()> rewind);

 private:
  struct Use {
    base::TenantId tenant;
    base::WallTime at;
  };
  using Uses = std::unordered_map<std::string, Use>;  // by the token's id
  struct Notes;

  Uses TakeAll();

  std::vector<std::unique_ptr<Notes>> notes_;  // one per worker
  base::Mutex mu_;
  std::unordered_map<std::string, base::WallTime> written_ GUARDED_BY(mu_);  // by this process, lately
};

}  // namespace portal::service
