#include "config/toml_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace portal::config {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

RawValue::Form FormOf(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return RawValue::Form::kText;
    case toml::node_type::integer:
      return RawValue::Form::kInteger;
    case toml::node_type::boolean:
      return RawValue::Form::kBoolean;
    case toml::node_type::array:
      return RawValue::Form::kList;
    default:
      return RawValue::Form::kOther;
  }
}

RawValue ValueOf(const toml::node& node) {
  RawValue value{FormOf(node), {}};
  if (const auto* text = node.as_string()) value.items.push_back(text->get());
  if (const auto* number = node.as_integer()) value.items.push_back(std::to_string(number->get()));
  if (const auto* boolean = node.as_boolean()) value.items.emplace_back(boolean->get() ? "true" : "false");
  if (const auto* list = node.as_array()) {
    for (const toml::node& element : *list) {
      const auto* text = element.as_string();
      if (!text) return {RawValue::Form::kOther, {}};
      value.items.push_back(text->get());
    }
  }
  return value;
}

std::string ReasonAndRemedy(int error) {
  const std::string reason = std::strerror(error);
  if (error == EACCES) return reason + ". Let the portal's user read it, and enter the folders it is in";
  return reason + ". Put it there, or name another with --config or PORTAL_CONFIG";
}

std::string Place(const std::filesystem::path& file, const toml::source_region& source) {
  return file.string() + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

void Flatten(const toml::table& table, const std::string& prefix, const std::filesystem::path& file,
             std::vector<Setting>& out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      Flatten(*inner, name + ".", file, out);
      continue;
    }
    out.push_back({name, ValueOf(node), {Origin::Layer::kFile, Place(file, key.source())}});
  }
}

}  // namespace

FileLayer ParseToml(std::string_view text, const std::filesystem::path& file) {
  FileLayer layer;
  const toml::parse_result parsed = toml::parse(text, file.string());
  if (!parsed) {
    layer.problems.push_back(Place(file, parsed.error().source()) +
                             ": not valid TOML: " + std::string(parsed.error().description()));
    return layer;
  }
  Flatten(parsed.table(), "", file, layer.settings);
  return layer;
}

FileLayer ReadTomlFile(const std::filesystem::path& file) {
  const auto failed = [&file](const std::string& why) {
    return FileLayer{{}, {file.string() + ": the configuration file cannot be read: " + why}};
  };
  const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return failed(ReasonAndRemedy(errno));
  std::string text;
  std::array<char, 16384> chunk;
  for (;;) {
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0) return failed(ReasonAndRemedy(errno));
    if (got == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > kMaxFileBytes) return failed("it is larger than 1 MiB");
  }
  return ParseToml(text, file);
}

}  // namespace portal::config
