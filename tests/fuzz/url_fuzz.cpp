// The verifier of signed URLs: only what the signer has written is accepted, byte for byte, whatever it is made of.
//
// Input: a byte that chooses what is tested. A target as it comes: the text. A signed link that is tampered with: its
// name, its disposition and its client, then changes, each a choice and a place.

#include <fcntl.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "base/logger.h"
#include "base/unique_fd.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "fuzz/signing_key.h"
#include "model/file.h"
#include "service/file_links.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::fuzz {
namespace {

using base::ErrorCode;
using Disposition = http::FileGrant::Disposition;

constexpr std::array kDispositions = {Disposition::kUnspecified, Disposition::kAttachment, Disposition::kInline};
constexpr std::array<std::string_view, 3> kClients = {"client_prod", "client_load", "client_globex"};
constexpr std::string_view kBucket = "portal-files-prod";
constexpr std::string_view kJob = "job_prod_test";
constexpr std::size_t kMostChanges = 4;

// Where a reader that is not strict would go wrong.
constexpr std::array<std::string_view, 30> kPieces = {"%",
                                                      "%00",
                                                      "%2F",
                                                      "%2f",
                                                      "%25",
                                                      "%61",
                                                      "+",
                                                      "&",
                                                      "&&",
                                                      ";",
                                                      "=",
                                                      "#",
                                                      "?",
                                                      "/",
                                                      "/../",
                                                      "//",
                                                      "expires=",
                                                      "client=",
                                                      "-",
                                                      "0",
                                                      "signature=",
                                                      "disposition=inline&",
                                                      "9",
                                                      "\xC3\xA4",
                                                      "client_load",
                                                      "0x",
                                                      "1756779623",
                                                      "http://a",
                                                      "portal-files-dev",
                                                      " "};

/// The links of two tenants, at a time that stands still.
class Links {
 public:
  std::string Sign(std::string_view client, std::string_view name, Disposition disposition) const {
    std::string target;
    links_.For(TenantOf(client), kBucket, kJob, links_.Expiry(clock_.Wall()), client, disposition).Append(name, target);
    return target;
  }

  /// The very target that the signer writes for what `link` says.
  std::string SignAgain(const service::FileLink& link) const {
    std::string target;
    const std::chrono::sys_seconds expires{std::chrono::seconds{link.expires_s}};
    links_
        .For(TenantOf(link.client.value()), link.bucket, link.job_id.value(), expires, link.client.value(),
             link.disposition)
        .Append(link.name, target);
    return target;
  }

  /// nullopt: accepted.
  std::optional<ErrorCode> Check(const service::FileLink& link) const {
    const auto status = links_.Check(TenantOf(link.client.value()), link, clock_.Wall());
    if (status) return std::nullopt;
    return status.error().code;
  }

 private:
  static base::TenantId TenantOf(std::string_view client) { return base::TenantId{client == kClients[2] ? 8 : 7}; }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::UniqueFd log_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  base::Logger logger_{clock_, log_.get(), base::LogLevel::kInfo};
  const std::unique_ptr<service::SigningKeys> keys_ = OpenFixedKey(folder_.path(), clock_, logger_);
  const service::FileLinks links_{*keys_, std::chrono::minutes(15)};
};

const Links& TheLinks() {
  static const Links links;
  return links;
}

/// Whether the verifier lets the target through; whatever it says must be one of the contract's answers, and must be so
/// for a reason.
bool IsAccepted(std::string_view target) {
  const Links& links = TheLinks();
  const auto link = service::FileLinks::Parse(target);
  if (!link) {
    Require(link.error().code == ErrorCode::kBadRequest, "what cannot be read is a bad request");
    Require(link.error().internal.empty() && !link.error().detail.empty(), "a client hears what is wrong");
    return false;
  }
  constexpr std::size_t kSignatureDigits = 64;
  const std::string again = links.SignAgain(*link);
  const std::string_view unsigned_part = target.substr(0, target.size() - kSignatureDigits);
  Require(again.substr(0, again.size() - kSignatureDigits) == unsigned_part, "a link has one spelling");
  Require(base::ToHex(link->signature) == target.substr(unsigned_part.size()), "a signature has one spelling");
  Require(model::IsFileName(link->name), "a link names a file");

  const bool is_genuine = again == target;
  const auto refusal = links.Check(*link);
  if (!is_genuine) Require(refusal == ErrorCode::kSignatureInvalid, "what nobody signed is refused, as forged");
  if (refusal) {
    Require(*refusal == ErrorCode::kSignatureInvalid || *refusal == ErrorCode::kSignatureExpired,
            "a refusal is about the signature or the time");
  }
  return !refusal;
}

void Change(Input& input, std::string& target) {
  const std::size_t high = input.Byte();
  const std::size_t at = (high << 8 | input.Byte()) % (target.size() + 1);
  switch (input.Below(6)) {
    case 0:
      if (at < target.size()) target[at] = static_cast<char>(input.Byte());
      return;
    case 1:
      if (at < target.size()) target[at] = static_cast<char>(target[at] ^ (1 << input.Below(8)));
      return;
    case 2:
      target.erase(at, 1 + input.Below(16));
      return;
    case 3:
      target.insert(at, input.OneOf<std::string_view>(kPieces));
      return;
    case 4:  // a part of it once more, elsewhere
      target.insert(at, target.substr(input.Byte() % (target.size() + 1), 1 + input.Below(80)));
      return;
    default:
      target.resize(at);
      return;
  }
}

void TestTampered(Input& input) {
  const std::string_view client = input.OneOf<std::string_view>(kClients);
  const Disposition disposition = input.OneOf<Disposition>(kDispositions);
  std::string name(input.Text());
  if (!model::IsFileName(name)) name = "production_document.pdf";
  const std::string target = TheLinks().Sign(client, name, disposition);
  Require(IsAccepted(target), "a link is good as it was signed");
  std::string tampered = target;
  for (std::size_t i = 0; i < kMostChanges && !input.empty(); ++i) Change(input, tampered);
  Require(IsAccepted(tampered) == (tampered == target), "a tampered link is good for nothing");
}

void Test(Input input) {
  if (input.Flag()) {
    TestTampered(input);
  } else {
    IsAccepted(input.Rest());
  }
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
