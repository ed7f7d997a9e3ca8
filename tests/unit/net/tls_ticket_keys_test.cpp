#include "net/tls_ticket_keys.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/manual_clock.h"

namespace portal::net {
namespace {

using testing::ManualClock;
using Verdict = TlsTicketKeys::Verdict;
using std::chrono::minutes;

struct Ticket {
  std::array<unsigned char, TlsTicketKeys::kNameBytes> name;
  std::array<unsigned char, TlsTicketKeys::kIvBytes> iv;
  std::vector<unsigned char> sealed;
  std::vector<unsigned char> tag;
};

/// What OpenSSL does around its callback: the contexts that the keys prepare, and their use.
class Contexts {
 public:
  Verdict Seal(TlsTicketKeys& keys, std::string_view text, Ticket& ticket) {
    const Verdict verdict = keys.Seal(ticket.name, ticket.iv, aes_.get(), cipher_.get(), mac_.get());
    ticket.sealed = Crypt({text.begin(), text.end()});
    ticket.tag = Authenticate(ticket.sealed);
    return verdict;
  }

  /// The text of a ticket that is found and whole.
  Verdict Open(TlsTicketKeys& keys, const Ticket& ticket, std::string& text) {
    const Verdict verdict = keys.Open(ticket.name, ticket.iv, aes_.get(), cipher_.get(), mac_.get());
    if (verdict == Verdict::kUnknown) return verdict;
    EXPECT_EQ(Authenticate(ticket.sealed), ticket.tag);
    const auto opened = Crypt(ticket.sealed);
    text.assign(opened.begin(), opened.end());
    return verdict;
  }

 private:
  std::vector<unsigned char> Crypt(const std::vector<unsigned char>& in) {
    std::vector<unsigned char> out(in.size() + 32);
    int size = 0;
    int last = 0;
    EXPECT_EQ(EVP_CipherUpdate(cipher_.get(), out.data(), &size, in.data(), static_cast<int>(in.size())), 1);
    EXPECT_EQ(EVP_CipherFinal_ex(cipher_.get(), out.data() + size, &last), 1);
    out.resize(static_cast<std::size_t>(size + last));
    return out;
  }

  std::vector<unsigned char> Authenticate(const std::vector<unsigned char>& bytes) {
    std::vector<unsigned char> tag(32);
    std::size_t size = 0;
    EXPECT_EQ(EVP_MAC_update(mac_.get(), bytes.data(), bytes.size()), 1);
    EXPECT_EQ(EVP_MAC_final(mac_.get(), tag.data(), &size, tag.size()), 1);
    tag.resize(size);
    return tag;
  }

  template <auto Free>
  struct FreeWith {
    template <typename T>
    void operator()(T* pointer) const {
      Free(pointer);
    }
  };
  std::unique_ptr<EVP_CIPHER, FreeWith<EVP_CIPHER_free>> aes_{EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)};
  std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>> hmac_{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>> cipher_{EVP_CIPHER_CTX_new()};
  std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>> mac_{EVP_MAC_CTX_new(hmac_.get())};
};

Ticket NewTicket(TlsTicketKeys& keys, std::string_view text = "a session") {
  Ticket ticket;
  EXPECT_EQ(Contexts().Seal(keys, text, ticket), Verdict::kUsed);
  return ticket;
}

Verdict Look(TlsTicketKeys& keys, const Ticket& ticket) {
  std::string text;
  const Verdict verdict = Contexts().Open(keys, ticket, text);
  if (verdict != Verdict::kUnknown) {
    EXPECT_EQ(text, "a session");
  }
  return verdict;
}

TEST(TlsTicketKeys, OpenWhatTheySealed) {
  const ManualClock clock;
  TlsTicketKeys keys(clock);
  EXPECT_EQ(Look(keys, NewTicket(keys)), Verdict::kUsed);
}

TEST(TlsTicketKeys, SealWithAFreshIvEachTime) {
  const ManualClock clock;
  TlsTicketKeys keys(clock);
  const Ticket one = NewTicket(keys);
  const Ticket other = NewTicket(keys);
  EXPECT_EQ(one.name, other.name);
  EXPECT_NE(one.iv, other.iv);
  EXPECT_NE(one.sealed, other.sealed);
}

TEST(TlsTicketKeys, DoNotKnowTheTicketsOfOthers) {
  const ManualClock clock;
  TlsTicketKeys keys(clock);
  TlsTicketKeys others(clock);
  const Ticket ticket = NewTicket(others);
  EXPECT_EQ(Look(keys, ticket), Verdict::kUnknown);
  NewTicket(keys);
  EXPECT_EQ(Look(keys, ticket), Verdict::kUnknown);
}

TEST(TlsTicketKeys, AreNewEveryHourAndOpenForAsLongAsATicketLives) {
  struct Case {
    minutes sealed_at;
    minutes opened_at;
    bool sealed_between;
    Verdict verdict;
  };
  const Case cases[] = {
      {minutes(0), minutes(59), true, Verdict::kUsed},
      {minutes(0), minutes(60), false, Verdict::kUsedRenew},  // too old to seal, even if nobody has sealed since
      {minutes(0), minutes(60), true, Verdict::kUsedRenew},
      {minutes(59), minutes(179), true, Verdict::kUsedRenew},
      {minutes(0), minutes(179), false, Verdict::kUsedRenew},
      {minutes(0), minutes(180), true, Verdict::kUnknown},
      {minutes(0), minutes(180), false, Verdict::kUnknown},
      {minutes(59), minutes(180), true, Verdict::kUnknown},
      {minutes(0), minutes(100'000), false, Verdict::kUnknown},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::to_string(c.sealed_at.count()) + " to " + std::to_string(c.opened_at.count()));
    ManualClock clock;
    TlsTicketKeys keys(clock);
    NewTicket(keys);
    clock.Advance(c.sealed_at);
    const Ticket ticket = NewTicket(keys);
    clock.Advance(c.opened_at - c.sealed_at);
    if (c.sealed_between) NewTicket(keys);
    EXPECT_EQ(Look(keys, ticket), c.verdict);
  }
}

TEST(TlsTicketKeys, ThreeOfThemOpenAtAnyTime) {
  ManualClock clock;
  TlsTicketKeys keys(clock);
  std::vector<Ticket> tickets;
  for (int hour = 0; hour < 6; ++hour) {
    tickets.push_back(NewTicket(keys));
    clock.Advance(minutes(60));
  }
  NewTicket(keys);
  const Verdict wanted[] = {Verdict::kUnknown, Verdict::kUnknown,   Verdict::kUnknown,
                            Verdict::kUnknown, Verdict::kUsedRenew, Verdict::kUsedRenew};
  for (std::size_t i = 0; i < tickets.size(); ++i) EXPECT_EQ(Look(keys, tickets[i]), wanted[i]) << i;
}

}  // namespace
}  // namespace portal::net
