#include "config/load.h"

#include <algorithm>
#include <utility>

#include "config/contradictions.h"
#include "config/environment.h"
#include "config/keys.h"
#include "config/toml_file.h"

namespace portal::config {
namespace {

std::string_view FormName(ValueType type) {
  switch (type) {
    case ValueType::kText:
    case ValueType::kDuration:
      return "text in quotes";
    case ValueType::kInteger:
      return "a whole number without quotes";
    case ValueType::kBoolean:
      return "true or false without quotes";
    case ValueType::kList:
      return "a list of texts, as in [\"a\", \"b\"]";
  }
  return {};
}

bool Fits(RawValue::Form form, ValueType type) {
  switch (form) {
    case RawValue::Form::kUntyped:
      return true;
    case RawValue::Form::kText:
      return type == ValueType::kText || type == ValueType::kDuration;
    case RawValue::Form::kInteger:
      return type == ValueType::kInteger;
    case RawValue::Form::kBoolean:
      return type == ValueType::kBoolean;
    case RawValue::Form::kList:
      return type == ValueType::kList;
    case RawValue::Form::kOther:
      return false;
  }
  return false;
}

std::string Shown(const std::vector<std::string>& items) {
  std::string text = "\"";
  for (const std::string& item : items) text += (text.size() > 1 ? "," : "") + item;
  return text + "\"";
}

/// Writes one setting over what weaker layers said; a message where it cannot be.
std::optional<std::string> Apply(const Setting& setting, Loaded& loaded) {
  const Key* key = FindKey(setting.key);
  if (!key) {
    const std::string_view nearest = NearestKey(setting.key);
    return setting.origin.place + ": there is no key \"" + setting.key + "\"." +
           (nearest.empty() ? std::string(" `check-config --defaults` lists them all.")
                            : " Did you mean \"" + std::string(nearest) + "\"?");
  }
  if (!Fits(setting.value.form, key->type)) {
    return setting.origin.place + ": " + setting.key + ": expected " + std::string(FormName(key->type));
  }
  if (const auto complaint = key->apply(setting.value.items, loaded.config)) {
    return setting.origin.place + ": " + setting.key + ": " + Shown(setting.value.items) + " is not valid, expected " +
           *complaint;
  }
  loaded.origins[static_cast<std::size_t>(key - Keys().data())] = setting.origin;
  return std::nullopt;
}

void ApplyDefaults(Loaded& loaded) {
  for (const Key& key : Keys()) {
    // A default that its own key refuses would be a bug; the tests read every one back.
    static_cast<void>(key.apply(key.DefaultItems(), loaded.config));
    loaded.origins.push_back({Origin::Layer::kDefault, "default"});
  }
}

std::optional<std::filesystem::path> ChooseFile(const Sources& sources, const EnvironmentLayer& environment) {
  if (sources.config_flag) return *sources.config_flag;
  if (environment.config_file && !environment.config_file->empty()) return *environment.config_file;
  // One of which we cannot even tell whether it is there is no reason to serve something else: reading it says why.
  std::error_code unknown;
  if (std::filesystem::exists(sources.default_file, unknown) || unknown) return sources.default_file;
  return std::nullopt;
}

}  // namespace

Origin Loaded::OriginOf(std::string_view key) const {
  return origins[static_cast<std::size_t>(FindKey(key) - Keys().data())];
}

tl::expected<Loaded, Problems> Load(const Sources& sources) {
  Loaded loaded;
  Problems problems;
  ApplyDefaults(loaded);
  const EnvironmentLayer environment = ReadEnvironment(sources.environment);
  loaded.file = ChooseFile(sources, environment);

  const auto apply = [&](const std::vector<Setting>& settings) {
    for (const Setting& setting : settings) {
      if (auto problem = Apply(setting, loaded)) problems.push_back(std::move(*problem));
    }
  };
  if (loaded.file) {
    const FileLayer file = ReadTomlFile(*loaded.file);
    problems.insert(problems.end(), file.problems.begin(), file.problems.end());
    apply(file.settings);
  }
  problems.insert(problems.end(), environment.problems.begin(), environment.problems.end());
  apply(environment.settings);
  apply(sources.flags);

  // Only of values that are right in themselves.
  if (problems.empty()) problems = Contradictions(loaded);
  if (!problems.empty()) return tl::unexpected<Problems>(std::move(problems));
  return loaded;
}

Sources SourcesForReload(Sources sources, const Loaded& loaded) {
  if (loaded.file) sources.config_flag = loaded.file->string();
  return sources;
}

}  // namespace portal::config
