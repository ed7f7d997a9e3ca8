// Percent-decoding, query strings and path matching: what is encoded decodes to itself, what decodes is text, and
// a path finds the route whose pattern it fits.
//
// Input: a byte that chooses what is tested, then the text.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "http/percent.h"
#include "http/query.h"
#include "http/router.h"

namespace portal::fuzz {
namespace {

std::string Encoded(std::string_view text) {
  std::string encoded;
  http::AppendPercentEncoded(text, encoded);
  return encoded;
}

bool IsText(std::string_view text) { return base::IsValidUtf8(text) && text.find('\0') == std::string_view::npos; }

int Hex(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto at = kDigits.find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// RFC 3986 §2.1, one character after the other.
std::optional<std::string> ReferenceDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '%') {
      out += plus_is_space && text[0] == '+' ? ' ' : text[0];
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3 || Hex(text[1]) < 0 || Hex(text[2]) < 0) return std::nullopt;
    out += static_cast<char>(Hex(text[1]) * 16 + Hex(text[2]));
    text.remove_prefix(3);
  }
  return IsText(out) ? std::optional(out) : std::nullopt;
}

void TestPercent(std::string_view text) {
  for (const bool plus_is_space : {false, true}) {
    Require(http::DecodePercent(text, plus_is_space) == ReferenceDecode(text, plus_is_space),
            "decoded as RFC 3986 says");
    const auto again = http::DecodePercent(Encoded(text), plus_is_space);
    Require(again == (IsText(text) ? std::optional<std::string>(text) : std::nullopt),
            "what is encoded decodes to itself");
  }
}

struct Pair {
  std::string name;
  std::string value;
};

/// The pairs of a query by splitting it; nullopt when one does not decode.
std::optional<std::vector<Pair>> ReferencePairs(std::string_view query) {
  std::vector<Pair> pairs;
  for (std::size_t begin = 0; begin <= query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view piece = query.substr(begin, end - begin);
    begin = end + 1;
    if (piece.empty()) continue;
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const auto name = ReferenceDecode(piece.substr(0, equals), true);
    const auto value = ReferenceDecode(piece.substr(std::min(equals + 1, piece.size())), true);
    if (!name || !value) return std::nullopt;
    pairs.push_back({*name, *value});
  }
  return pairs;
}

void TestQuery(std::string_view query) {
  auto parameters = http::QueryParameters::Parse(query);
  const auto pairs = ReferencePairs(query);
  Require(parameters.has_value() == pairs.has_value(), "a query is read when all of it decodes");
  if (!pairs) return;
  Require(parameters->Errors("").size() == pairs->size(), "what nobody takes is an error, each");

  std::size_t repeated = 0;
  std::vector<std::string> taken;
  for (const Pair& pair : *pairs) {
    Require(parameters->Has(pair.name), "what was given is there");
    if (std::find(taken.begin(), taken.end(), pair.name) != taken.end()) continue;
    taken.push_back(pair.name);
    Require(parameters->Take(pair.name) == pair.value, "the first of a name is taken");
    const auto same = [&](const Pair& other) { return other.name == pair.name; };
    if (std::count_if(pairs->begin(), pairs->end(), same) > 1) ++repeated;
  }
  Require(parameters->Errors("").size() == repeated, "taken, only what was repeated is an error");
}

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

bool Fits(std::string_view pattern, std::string_view path) {
  const auto wanted = Split(pattern);
  const auto given = Split(path);
  return std::equal(wanted.begin(), wanted.end(), given.begin(), given.end(),
                    [](auto want, auto segment) { return want.starts_with('{') ? !segment.empty() : want == segment; });
}

void TestPath(std::string_view path) {
  static const http::Router router({{"/a", http::RouteAccess::kPublic, {}},
                                    {"/a/b", http::RouteAccess::kPublic, {}},
                                    {"/a/{x}", http::RouteAccess::kPublic, {}},
                                    {"/a/{x}/b", http::RouteAccess::kPublic, {}},
                                    {"/{x}/b/{y}/c/{z}", http::RouteAccess::kPublic, {}}});
  constexpr std::string_view kPatterns[] = {"/a", "/a/b", "/a/{x}", "/a/{x}/b", "/{x}/b/{y}/c/{z}"};
  const auto* const pattern =
      std::find_if(std::begin(kPatterns), std::end(kPatterns), [&](std::string_view p) { return Fits(p, path); });
  const auto match = router.Find(path);
  if (pattern == std::end(kPatterns)) {
    Require(match && match->route == nullptr, "a path that fits nothing finds nothing");
    return;
  }
  std::vector<std::optional<std::string>> values;
  const auto names = Split(*pattern);
  const auto segments = Split(path);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].starts_with('{')) values.push_back(ReferenceDecode(segments[i], false));
  }
  const bool decodes = std::find(values.begin(), values.end(), std::nullopt) == values.end();
  Require(match.has_value() == decodes, "a path matches when its parameters decode");
  if (!match) return;
  Require(match->route != nullptr && match->route->pattern == *pattern, "the first route that fits is found");
  for (std::size_t i = 0; i < values.size(); ++i) Require(match->parameters[i] == *values[i], "parameters are decoded");
}

void Test(Input input) {
  const std::size_t choice = input.Below(3);
  const std::string text(input.Rest());
  switch (choice) {
    case 0:
      return TestPercent(text);
    case 1:
      return TestQuery(text);
    default:
      return TestPath('/' + text);
  }
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
