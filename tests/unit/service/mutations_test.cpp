// Databases, manifests and whole backups with bytes changed, cut off or added, fed to restore and verify in a process
// of their own: it may refuse or succeed, but not die, and what a restore accepts must be sound.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

#include "crypto/hash.h"
#include "service/backup/verify.h"
#include "unit/service/backup_fixture.h"

namespace portal::service::testing {
namespace {

using Random = std::mt19937;

// In parts that ctest may run side by side.
constexpr int kParts = 8;
constexpr int kFew = 504 / kParts;
constexpr int kMany = 10'000 / kParts;

std::size_t Below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

/// One to four changes of the kinds that disks, transfers and people make.
std::string Mutate(std::string bytes, Random& random) {
  for (std::size_t change = 1 + Below(random, 4); change > 0 && !bytes.empty(); --change) {
    const std::size_t at = Below(random, bytes.size());
    const std::size_t most = std::min<std::size_t>(bytes.size() - at, 64);
    switch (Below(random, 6)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(random, 8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(random());
        break;
      case 2:
        bytes.replace(at, most, most, '\0');
        break;
      case 3:
        bytes.resize(at);
        break;
      case 4:
        bytes.insert(at, bytes.substr(Below(random, bytes.size()), most));
        break;
      default:
        bytes.replace(at, most, bytes.substr(Below(random, bytes.size()), most));
        break;
    }
  }
  return bytes;
}

/// In the first page is what everything else hangs on, so every other change of a database goes there.
std::string MutateDatabase(const std::string& bytes, Random& random) {
  if (Below(random, 2) == 0) return Mutate(bytes, random);
  std::string page = Mutate(bytes.substr(0, 4096), random);
  page.resize(4096);
  return page + bytes.substr(4096);
}

class Mutations : public BackupTest, public ::testing::WithParamInterface<int> {
 protected:
  Mutations() : original_(MustBackUp().folder), random_(static_cast<unsigned>(20250902 + GetParam())) {}

  fs::path subject() const { return elsewhere_.path() / "subject"; }

  /// What a mutated backup may be: the database, with a manifest that fits it again or not, or the manifest alone.
  void MakeSubject() {
    fs::remove_all(subject());
    fs::remove_all(target());
    fs::copy(original_, subject(), fs::copy_options::recursive);
    const std::size_t kind = Below(random_, 3);
    if (kind < 2) WriteText(subject() / "portal.db", MutateDatabase(ReadText(original_ / "portal.db"), random_));
    if (kind == 1) {
      Manifest manifest = *ReadManifest(original_);
      const std::string bytes = ReadText(subject() / "portal.db");
      manifest.database = {crypto::Sha256(bytes), static_cast<std::int64_t>(bytes.size())};
      WriteText(subject() / "manifest.json", ToJson(manifest));
    }
    if (kind == 2) WriteText(subject() / "manifest.json", Mutate(ReadText(original_ / "manifest.json"), random_));
  }

  /// Runs `work` in a child; its result, or -1 where it died.
  template <typename Work>
  static int InAChild(Work work) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  fs::path original_;
  Random random_;
};

enum Outcome { kClean = 0, kRefused = 1, kNoReason = 2, kUnsound = 3 };

TEST_P(Mutations, AreRefusedOrRestoredButNeverCrash) {
  const char* is_long = std::getenv("PORTAL_LONG");
  const int cases = is_long && std::string_view(is_long) == "1" ? kMany : kFew;
  int clean = 0;
  int found = 0;
  for (int i = 0; i < cases; ++i) {
    MakeSubject();
    const int restored = InAChild([&] {
      const auto done = Restore(From(subject()));
      if (!done) return done.error().detail.empty() ? kNoReason : kRefused;
      VerifyOptions options;
      options.data_folder = target();
      options.deep = true;
      const auto report = Verify(options, clock_);
      return report && report->findings.empty() ? kClean : kUnsound;
    });
    const int verified = InAChild([&] {
      VerifyOptions options;
      options.data_folder = subject();
      options.deep = true;
      options.fix = i % 2 == 0;
      const auto report = Verify(options, clock_);
      if (!report) return report.error().detail.empty() ? kNoReason : kRefused;
      return report->findings.empty() ? kClean : kRefused;
    });
    ASSERT_TRUE(restored == kClean || restored == kRefused || restored == kUnsound) << "case " << i << ": " << restored;
    ASSERT_TRUE(verified == kClean || verified == kRefused) << "case " << i << ": " << verified;
    ASSERT_EQ(fs::exists(target()), restored == kClean || restored == kUnsound) << "case " << i;
    // Counters and words may be wrong in a database whose every table is sound: verify must then say so.
    if (restored == kUnsound) ++found;
    if (restored == kClean) ++clean;
  }
  std::printf("%d mutated backups: %d restored clean, %d restored and found wrong by verify, the rest refused\n", cases,
              clean, found);
  EXPECT_LT(clean, cases / 2) << "most mutations must be noticed";
}

INSTANTIATE_TEST_SUITE_P(Parts, Mutations, ::testing::Range(0, kParts));

}  // namespace
}  // namespace portal::service::testing
