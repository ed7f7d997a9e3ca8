#include "cli/progress_bar.h"

#include <algorithm>
#include <cmath>

namespace portal::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kBetweenLines{2};
constexpr std::size_t kBarCells = 30;

}  // namespace

ProgressBar::ProgressBar(Console& console, bool quiet)
    : console_(console), quiet_(quiet), begun_(steady_clock::now()), last_line_(begun_) {}

double ProgressBar::Seconds() const { return std::chrono::duration<double>(steady_clock::now() - begun_).count(); }

void ProgressBar::Show(std::optional<double> done, const std::string& text) {
  if (quiet_) return;
  std::string line;
  if (done) {
    const double part = std::clamp(*done, 0.0, 1.0);
    if (console_.terminal()) {
      const auto filled = static_cast<std::size_t>(std::lround(part * static_cast<double>(kBarCells)));
      line.append(1, '[').append(filled, '#').append(kBarCells - filled, '.').append("] ");
    }
    line.append(std::to_string(std::lround(part * 100))).append(" %  ");
  }
  line += text;
  if (console_.terminal()) return console_.Progress(line);
  const auto now = steady_clock::now();
  if (now - last_line_ < kBetweenLines) return;
  last_line_ = now;
  console_.Message(line);
}

}  // namespace portal::cli
