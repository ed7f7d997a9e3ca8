#include "cli/log_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/json_text.h"

namespace portal::cli {
namespace {

using std::string_view;

constexpr string_view kRed = "\033[31m";
constexpr string_view kGreen = "\033[32m";
constexpr string_view kYellow = "\033[33m";
constexpr string_view kDim = "\033[2m";
constexpr string_view kPlain = {};
constexpr string_view kReset = "\033[0m";

constexpr std::size_t kLevelWidth = 7;  // of "warning"

constexpr std::array<string_view, 3> kTold = {"time", "level", "event"};
constexpr std::array<string_view, 5> kToldOfRequest = {"method", "route", "status", "ms", "bytes"};

void AppendEscape(string_view prefix, unsigned char byte, std::string& out) {
  constexpr string_view kDigits = "0123456789abcdef";
  out += prefix;
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

constexpr string_view kCharacter = R"(\u00)";
constexpr string_view kByte = R"(\x)";

/// `text` is UTF-8. The control characters of C1 are C2 80 to C2 9F in it; some terminals obey them. Those in `kept`
/// are passed on.
void AppendHarmless(string_view text, std::string& out, string_view kept = {}) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    if ((byte < 0x20 || byte == 0x7f) && kept.find(text[i]) == string_view::npos) {
      AppendEscape(kCharacter, byte, out);
    } else if (byte == 0xC2 && next < 0xA0) {
      AppendEscape(kCharacter, next, out);
      ++i;
    } else {
      out += text[i];
    }
  }
}

class Line {
 public:
  explicit Line(bool colour) : colour_(colour) {}

  void Add(string_view text, string_view colour = kPlain) {
    const bool painted = colour_ && !colour.empty();
    if (!text_.empty()) text_ += ' ';
    if (painted) text_ += colour;
    AppendHarmless(text, text_);
    if (painted) text_ += kReset;
  }
  void AddField(string_view key, string_view value) {
    std::string text(key);
    const bool quoted = value.find_first_of(" \"=") != string_view::npos;
    text += quoted ? "=\"" : "=";
    text += value;
    if (quoted) text += '"';
    Add(text, kDim);
  }
  std::string Done() { return std::move(text_) + '\n'; }

 private:
  const bool colour_;
  std::string text_;
};

string_view ColourOfLevel(string_view level) {
  if (level == "error") return kRed;
  if (level == "warning") return kYellow;
  return level == "debug" ? kDim : kPlain;
}

string_view ColourOfStatus(string_view status) {
  if (status.starts_with('5')) return kRed;
  if (status.starts_with('4')) return kYellow;
  return kGreen;
}

/// `2025-09-02T02:05:23.456Z` with a blank in its middle, so that dates align and read.
std::string Moment(string_view time) {
  std::string moment(time);
  std::ranges::replace(moment, 'T', ' ');
  return moment;
}

}  // namespace

std::string PrettyLine(const LogEntry& entry, bool colour) {
  Line line(colour);
  line.Add(Moment(entry.Value("time")), kDim);
  std::string level(entry.Value("level"));
  level.resize(std::max(level.size(), kLevelWidth), ' ');
  line.Add(level, ColourOfLevel(entry.Value("level")));
  const bool is_request = entry.Value("event") == "request";
  if (is_request) {
    line.Add(entry.Value("method"));
    line.Add(entry.Value("route"));
    line.Add(entry.Value("status"), ColourOfStatus(entry.Value("status")));
    line.Add(std::string(entry.Value("ms")) + " ms");
    line.Add(std::string(entry.Value("bytes")) + " bytes");
  } else {
    line.Add(entry.Value("event"));
  }
  for (const auto& [key, value] : entry.fields()) {
    if (value.empty() || std::ranges::count(kTold, key) > 0) continue;
    if (is_request && std::ranges::count(kToldOfRequest, key) > 0) continue;
    line.AddField(key, value);
  }
  return line.Done();
}

std::string HarmlessLine(string_view line) {
  const string_view end = line.substr(line.size() - (line.ends_with("\r\n") ? 2 : line.ends_with('\n') ? 1 : 0));
  line.remove_suffix(end.size());
  std::string out;
  while (!line.empty()) {
    const std::size_t valid = base::ValidUtf8Prefix(line);
    AppendHarmless(line.substr(0, valid), out, "\t");
    line.remove_prefix(valid);
    if (line.empty()) break;
    AppendEscape(kByte, static_cast<unsigned char>(line.front()), out);
    line.remove_prefix(1);
  }
  return out.append(end);
}

}  // namespace portal::cli
