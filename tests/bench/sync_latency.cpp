// What the disk takes to keep a few pages: writes them behind the end of a new file and syncs it, again and again, as a
// commit does with its log. Prints {"p50":…,"p99":…} in microseconds.
// usage: sync_latency FILE PAGES TIMES      The file goes at the end.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include "base/unique_fd.h"
#include "percentiles.h"

namespace {

constexpr std::size_t kPageBytes = 4'096;

void Check(bool well, const char* what) {
  if (!well) throw std::system_error(errno, std::generic_category(), what);
}

int Measure(const char* path, std::size_t pages, long times) {
  const portal::base::UniqueFd file(::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  Check(static_cast<bool>(file), path);
  Check(::unlink(path) == 0, "unlink");
  const std::string bytes(pages * kPageBytes, 'x');
  std::vector<portal::bench::Nanoseconds> took;
  for (long n = 0; n < times; ++n) {
    const auto start = std::chrono::steady_clock::now();
    Check(::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
    Check(::fdatasync(file.get()) == 0, "fdatasync");
    took.push_back(std::chrono::steady_clock::now() - start);
  }
  std::printf("{\"p50\":%.1f,\"p99\":%.1f}\n", portal::bench::Percentile(took, 0.5),
              portal::bench::Percentile(took, 0.99));
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || std::stol(argv[3]) < 1) {
    std::fputs("usage: sync_latency FILE PAGES TIMES\n", stderr);
    return 2;
  }
  return Measure(argv[1], std::stoul(argv[2]), std::stol(argv[3]));
}
