#include "config/describe.h"

#include <algorithm>

#include "base/json_text.h"
#include "config/keys.h"

namespace portal::config {
namespace {

std::string_view SectionOf(std::string_view key) {
  const std::size_t dot = key.find('.');
  return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

std::string_view LeafOf(std::string_view key) { return key.substr(SectionOf(key).empty() ? 0 : key.find('.') + 1); }

/// Breaks `text` at spaces into comment lines of at most 100 columns.
void AppendComment(std::string_view text, std::string& out) {
  static constexpr std::size_t kWidth = 98;
  while (!text.empty()) {
    std::size_t cut = text.size();
    if (cut > kWidth) cut = text.rfind(' ', kWidth);
    out += "# ";
    out += text.substr(0, cut);
    out += '\n';
    text.remove_prefix(std::min(cut + 1, text.size()));
  }
}

void AppendSectionHead(std::string_view section, std::string_view& current, std::string& out) {
  if (section == current) return;
  current = section;
  out += "\n[" + std::string(section) + "]\n";
}

/// Without what would end a comment: a certificate may hold anything.
std::string OnOneLine(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  return text;
}

}  // namespace

std::string DefaultsAsToml() {
  std::string out;
  AppendComment(
      "Every key at its default. A flag beats the environment beats this file: net.loops is also "
      "PORTAL_NET_LOOPS and --net-loops.",
      out);
  std::string_view section;
  for (const Key& key : Keys()) {
    AppendSectionHead(SectionOf(key.name), section, out);
    out += '\n';
    AppendComment(std::string(key.explanation) + (key.reloads ? " Taken anew on SIGHUP." : ""), out);
    out += "#" + std::string(LeafOf(key.name)) + " = " + TomlText(key.type, key.DefaultItems()) + "\n";
  }
  return out;
}

std::string EffectiveAsToml(const Loaded& loaded, const std::optional<CertificateFacts>& certificate) {
  std::vector<std::string> lines;
  std::size_t width = 0;
  for (const Key& key : Keys()) {
    lines.push_back(std::string(LeafOf(key.name)) + " = " + TomlText(key.type, key.read(loaded.config)));
    width = std::max(width, lines.back().size());
  }
  std::string out = loaded.file ? "# file: " + loaded.file->string() + "\n" : "# file: none\n";
  if (certificate) out += "# certificate: " + OnOneLine(certificate->name) + ", until " + certificate->not_after + "\n";
  std::string_view section;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    AppendSectionHead(SectionOf(Keys()[i].name), section, out);
    out += lines[i] + std::string(width - lines[i].size(), ' ') + "  # " + loaded.origins[i].place + "\n";
  }
  return out;
}

std::string EffectiveAsJson(const Loaded& loaded, const std::optional<CertificateFacts>& certificate) {
  std::string out = "{\"file\":";
  if (loaded.file) {
    base::AppendJsonString(loaded.file->string(), out);
  } else {
    out += "null";
  }
  out += ",\"certificate\":";
  if (certificate) {
    out += "{\"name\":";
    base::AppendJsonString(certificate->name, out);
    out += ",\"not_after\":";
    base::AppendJsonString(certificate->not_after, out);
    out += '}';
  } else {
    out += "null";
  }
  out += ",\"values\":{";
  for (std::size_t i = 0; i < Keys().size(); ++i) {
    const Key& key = Keys()[i];
    if (i > 0) out += ',';
    base::AppendJsonString(key.name, out);
    // For these types TOML's notation is JSON's.
    out += ":{\"value\":" + TomlText(key.type, key.read(loaded.config)) + ",\"origin\":";
    base::AppendJsonString(loaded.origins[i].place, out);
    out += '}';
  }
  return out + "}}\n";
}

}  // namespace portal::config
