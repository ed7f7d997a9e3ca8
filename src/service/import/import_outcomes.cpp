#include "service/import/import_outcomes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_text.h"
#include "service/rapidjson_reader.h"

namespace portal::service {
namespace {

constexpr std::string_view kLetters = "iusdr";  // as in RowFate

/// Takes an array of texts.
struct TextsHandler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TextsHandler> {
  explicit TextsHandler(std::vector<std::string>& texts) : out(texts) {}
  bool Default() { return false; }
  bool StartArray() { return !std::exchange(in_array, true); }
  bool EndArray(rapidjson::SizeType) { return true; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (in_array) out.emplace_back(text, size);
    return in_array;
  }

  std::vector<std::string>& out;
  bool in_array = false;
};

}  // namespace

void ImportOutcomes::Add(RowFate fate, std::string_view detail) {
  letters_ += kLetters[static_cast<std::size_t>(fate)];
  if (fate == RowFate::kRejected) details_.emplace_back(detail);
}

std::string ImportOutcomes::complaints() const {
  std::string json = "[";
  for (const std::string& detail : details_) {
    if (json.size() > 1) json += ',';
    base::AppendJsonString(detail, json);
  }
  return json + "]";
}

RowFate ImportOutcomes::fate(std::size_t row) const { return static_cast<RowFate>(kLetters.find(letters_[row])); }

base::Result<ImportOutcomes> ImportOutcomes::Read(std::string_view letters, std::string_view complaints) {
  ImportOutcomes outcomes;
  outcomes.letters_ = letters;
  rapidjson::MemoryStream stream(complaints.data(), complaints.size());
  rapidjson::Reader reader;
  TextsHandler handler(outcomes.details_);
  const bool read = !reader.Parse<rapidjson::kParseIterativeFlag>(stream, handler).IsError();
  const auto rejected = static_cast<std::size_t>(std::ranges::count(letters, kLetters.back()));
  if (!read || outcomes.details_.size() != rejected || letters.find_first_not_of(kLetters) != letters.npos) {
    return base::Fail(base::ErrorCode::kInternal, "What was kept of the first request with this key cannot be read",
                      "feed_batches: bad outcomes or complaints");
  }
  return outcomes;
}

void CountRow(RowFate fate, ImportSummary& summary) {
  switch (fate) {
    case RowFate::kInserted:
      ++summary.inserted;
      return;
    case RowFate::kUpdated:
      ++summary.updated;
      return;
    case RowFate::kUnchanged:
      ++summary.unchanged;
      return;
    case RowFate::kDeleted:
      ++summary.deleted;
      return;
    case RowFate::kRejected:
      ++summary.rejected;
      return;
  }
}

}  // namespace portal::service
