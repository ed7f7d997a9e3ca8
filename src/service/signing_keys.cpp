#include "service/signing_keys.h"

#include <sys/stat.h>

#include <utility>

#include "crypto/key_file.h"

namespace portal::service {
namespace {

std::int64_t Nanoseconds(const timespec& time) {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  return time.tv_sec * kPerSecond + time.tv_nsec;
}

}  // namespace

SigningKeys::SigningKeys(std::filesystem::path keys_folder, const base::Clock& clock, base::Logger& logger)
    : keys_folder_(std::move(keys_folder)),
      file_(keys_folder_ / crypto::kKeyFileName),
      clock_(clock),
      logger_(logger) {}

base::Result<std::unique_ptr<SigningKeys>> SigningKeys::Open(std::filesystem::path keys_folder,
                                                             const base::Clock& clock, base::Logger& logger) {
  if (auto made = crypto::EnsureKeyFile(keys_folder, clock.Wall()); !made) return base::Fail(std::move(made).error());
  std::unique_ptr<SigningKeys> keys(new SigningKeys(std::move(keys_folder), clock, logger));
  const base::MutexLock lock(keys->mu_);
  keys->next_look_ = clock.Unmoved() + kLookEvery;
  if (auto loaded = keys->Load(); !loaded) return base::Fail(std::move(loaded).error());
  return keys;
}

std::shared_ptr<const crypto::KeyRing> SigningKeys::Current() {
  const base::MonotonicTime now = clock_.Unmoved();
  const base::MutexLock lock(mu_);
  if (now >= next_look_) Look(now);
  return ring_;
}

bool SigningKeys::Accept(base::FunctionRef<bool(const crypto::KeyRing&)> check) {
  const auto current = Current();
  if (check(*current)) return true;
  std::shared_ptr<const crypto::KeyRing> latest;
  {
    const base::MutexLock lock(mu_);
    Look(clock_.Unmoved());
    latest = ring_;
  }
  return latest != current && check(*latest);
}

std::optional<SigningKeys::FileState> SigningKeys::FindState() const {
  struct stat found {};
  if (::stat(file_.c_str(), &found) != 0) return std::nullopt;
  return FileState{found.st_dev, found.st_ino, found.st_size, Nanoseconds(found.st_mtim), Nanoseconds(found.st_ctim)};
}

/// The state is taken before the file is read: where it changes in between, the next look finds another state.
base::Status SigningKeys::Load() {
  seen_ = FindState();
  auto ring = crypto::KeyRing::Load(keys_folder_);
  if (!ring) return base::Fail(std::move(ring).error());
  ring_ = std::make_shared<const crypto::KeyRing>(*std::move(ring));
  return {};
}

void SigningKeys::Look(base::MonotonicTime now) {
  next_look_ = now + kLookEvery;
  if (FindState() == seen_) return;
  if (const auto loaded = Load(); !loaded) {
    logger_.Error("signing_keys_unusable", {{"detail", loaded.error().detail}, {"cause", loaded.error().internal}});
    return;
  }
  logger_.Info("signing_keys_changed",
               {{"signing", ring_->signing_key_id()}, {"keys", static_cast<std::int64_t>(ring_->size())}});
}

}  // namespace portal::service
