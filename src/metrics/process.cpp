#include "metrics/process.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>

#include "base/version.h"

namespace portal::metrics {

namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<double> ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  if (!(statm >> all >> resident)) return std::nullopt;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// Linux 6.2 and later tell the number as the folder's size; before, it is 0, and they have to be counted.
std::optional<double> OpenDescriptors() {
  constexpr const char* kFolder = "/proc/self/fd";
  struct stat status {};
  if (::stat(kFolder, &status) == 0 && status.st_size > 0) return static_cast<double>(status.st_size);
  std::error_code unknown;
  std::filesystem::directory_iterator entries(kFolder, unknown);
  if (unknown) return std::nullopt;
  return static_cast<double>(std::distance(begin(entries), end(entries)));
}

void AddIfKnown(std::string_view name, std::string_view help, std::optional<double> value, Families& families) {
  if (value) families.push_back(Single(name, help, Type::kGauge, *value));
}

}  // namespace

void AddProcessFamilies(base::WallTime started, Families& families) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    families.push_back(Single("process_cpu_seconds_total", "Processor time used, in user and kernel", Type::kCounter,
                              Seconds(usage.ru_utime) + Seconds(usage.ru_stime)));
  }
  AddIfKnown("process_resident_memory_bytes", "Memory that is not swapped out", ResidentBytes(), families);
  AddIfKnown("process_open_fds", "File descriptors in use", OpenDescriptors(), families);
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    families.push_back(Single("process_max_fds", "File descriptors that the process may have", Type::kGauge,
                              static_cast<double>(descriptors.rlim_cur)));
  }
  families.push_back(Single("process_start_time_seconds", "When the process started, in Unix time", Type::kGauge,
                            std::chrono::duration<double>(started.time_since_epoch()).count()));
}

void AddBuildFamily(Families& families) {
  Family build{"portal_build_info", "The version that runs", Type::kInfo};
  build.Add({{"version", std::string(base::kBuild.version)}}, 1);
  families.push_back(std::move(build));
}

}  // namespace portal::metrics
