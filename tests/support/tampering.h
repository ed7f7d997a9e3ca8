#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace portal::testing {

/// What may be done to a signed target by somebody who has some and wants another: one kind of change each, or two at
/// once. The same targets for the same seed.
class Tampering {
 public:
  static constexpr std::array<std::string_view, 14> kKinds = {"bit flip",
                                                              "letter case",
                                                              "other order",
                                                              "repeated parameter",
                                                              "missing parameter",
                                                              "escape",
                                                              "other part",
                                                              "double escape",
                                                              "other parameter",
                                                              "cut",
                                                              "longer",
                                                              "other host",
                                                              "splice",
                                                              "byte"};

  /// `genuine`: signed targets, two or more, all of the same job and none equal to another.
  Tampering(std::vector<std::string> genuine, std::uint64_t seed) : genuine_(std::move(genuine)), random_(seed) {}

  /// A target that is none of the genuine ones. `kind`: an index of kKinds.
  std::string Make(std::size_t kind) {
    while (true) {
      std::string target = genuine_[Below(genuine_.size())];
      Apply(kind, target);
      if (Below(4) == 0) Apply(Below(kKinds.size()), target);
      if (!IsGenuine(target)) return target;
    }
  }

 private:
  std::size_t Below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

  bool IsGenuine(const std::string& target) const {
    for (const std::string& each : genuine_) {
      if (each == target) return true;
    }
    return false;
  }

  void Apply(std::size_t kind, std::string& target) {
    static constexpr std::array kChanges = {
        &Tampering::FlipBit,  &Tampering::SwapCase,   &Tampering::Reorder,     &Tampering::Repeat,     &Tampering::Drop,
        &Tampering::Escape,   &Tampering::Replace,    &Tampering::EscapeTwice, &Tampering::Add,        &Tampering::Cut,
        &Tampering::Lengthen, &Tampering::ChangeHost, &Tampering::Splice,      &Tampering::ChangeByte,
    };
    static_assert(kChanges.size() == kKinds.size());
    if (!target.empty()) (this->*kChanges[kind])(target);
  }

  void FlipBit(std::string& target) {
    char& byte = target[Below(target.size())];
    byte = static_cast<char>(byte ^ (1 << Below(8)));
  }

  void SwapCase(std::string& target) {
    const std::size_t start = Below(target.size());
    for (std::size_t i = 0; i < target.size(); ++i) {
      char& c = target[(start + i) % target.size()];
      if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z')) continue;
      c = static_cast<char>(c ^ 0x20);
      return;
    }
  }

  void Reorder(std::string& target) {
    auto parameters = TakeParameters(target);
    const std::size_t one = Below(parameters.size());
    std::swap(parameters[one], parameters[(one + 1 + Below(parameters.size())) % parameters.size()]);
    Append(parameters, target);
  }

  void Repeat(std::string& target) {
    auto parameters = TakeParameters(target);
    const std::string again = parameters[Below(parameters.size())];
    parameters.insert(parameters.begin() + static_cast<std::ptrdiff_t>(Below(parameters.size() + 1)), again);
    Append(parameters, target);
  }

  void Drop(std::string& target) {
    auto parameters = TakeParameters(target);
    parameters.erase(parameters.begin() + static_cast<std::ptrdiff_t>(Below(parameters.size())));
    Append(parameters, target);
  }

  void Add(std::string& target) {
    constexpr std::array<const char*, 10> kAdded = {"a=b",          "",         "disposition=inline", "disposition=",
                                                    "tenant=1",     "token=x",  "expires=9999999999", "client=*",
                                                    "signature=00", "Expires=1"};
    auto parameters = TakeParameters(target);
    parameters.insert(parameters.begin() + static_cast<std::ptrdiff_t>(Below(parameters.size() + 1)),
                      kAdded[Below(kAdded.size())]);
    Append(parameters, target);
  }

  void Escape(std::string& target) {
    constexpr std::array<std::string_view, 2> kDigits = {"0123456789ABCDEF", "0123456789abcdef"};
    const std::string_view digits = kDigits[Below(2)];
    const std::size_t at = Below(target.size());
    const auto byte = static_cast<unsigned char>(target[at]);
    target.replace(at, 1, std::string("%") + digits[byte >> 4] + digits[byte & 15]);
  }

  void EscapeTwice(std::string& target) {
    std::size_t at = target.find('%', Below(target.size()));
    if (at == std::string::npos) {
      Escape(target);
      at = target.find('%');
    }
    target.insert(at + 1, "25");
  }

  /// One part of the link for another that exists, or could.
  void Replace(std::string& target) {
    struct Part {
      std::string_view before, after;
      std::array<const char*, 6> others;
    };
    static constexpr std::array<Part, 7> kParts = {{
        {"/files/", "/", {"globex-files", "acme-file", "acme-files0", "..", "", "*"}},
        {"/jobs/", "/", {"job_2", "job_10", "JOB_1", "..", "", "job_1%00"}},
        {"/files/", "?", {"b.pdf", "a.pdf", "A%20b.pdf", "..", "", "%2e%2e"}},
        {"expires=", "&", {"9999999999", "0", "-1", "1756779624", "01756779623", "1e10"}},
        {"client=", "&", {"client_b", "client_g", "nobody", "*", "", "CLIENT_A"}},
        {"disposition=", "&", {"attachment", "inline", "INLINE", "", "none", "inline%20"}},
        {"signature=",
         "",
         {"", "0", "null", "0000000000000000000000000000000000000000000000000000000000000000",
          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "0x00"}},
    }};
    const Part& part = kParts[Below(kParts.size())];
    const std::size_t begin = part.after == "?" ? target.rfind(part.before) : target.find(part.before);
    if (begin == std::string::npos) return;
    const std::size_t start = begin + part.before.size();
    const std::size_t end = part.after.empty() ? target.size() : target.find(part.after, start);
    if (end == std::string::npos) return;
    target.replace(start, end - start, part.others[Below(part.others.size())]);
  }

  void Cut(std::string& target) { target.resize(Below(target.size())); }

  void Lengthen(std::string& target) {
    constexpr std::array<const char*, 10> kTails = {"&", "#", "?", "/", "0", "%00", "&x", ";a=b", "%20", "&signature="};
    if (Below(8) == 0) {
      target.append(1 + Below(9000), 'a');
    } else {
      target += kTails[Below(kTails.size())];
    }
  }

  void ChangeHost(std::string& target) {
    constexpr std::array<const char*, 6> kBefore = {
        "//evil.example", "/evil.example", "/http://evil.example", "/..", "/.", "/files/..%2f"};
    target.insert(0, kBefore[Below(kBefore.size())]);
  }

  /// The beginning of one link and the end of another.
  void Splice(std::string& target) {
    const std::string& other = genuine_[Below(genuine_.size())];
    const std::size_t at = Below(target.size());
    target = target.substr(0, at) + (at < other.size() ? other.substr(at) : "");
  }

  void ChangeByte(std::string& target) { target[Below(target.size())] = static_cast<char>(random_() & 0xff); }

  /// Leaves the path and its question mark.
  static std::vector<std::string> TakeParameters(std::string& target) {
    const std::size_t question = target.find('?');
    std::string query = question == std::string::npos ? std::string() : target.substr(question + 1);
    target.resize(question == std::string::npos ? target.size() : question + 1);
    std::vector<std::string> parameters;
    while (true) {
      const std::size_t end = query.find('&');
      parameters.push_back(query.substr(0, end));
      if (end == std::string::npos) return parameters;
      query.erase(0, end + 1);
    }
  }

  static void Append(const std::vector<std::string>& parameters, std::string& target) {
    for (std::size_t i = 0; i < parameters.size(); ++i) target.append(i == 0 ? "" : "&").append(parameters[i]);
  }

  const std::vector<std::string> genuine_;
  std::mt19937_64 random_;
};

}  // namespace portal::testing
