#include "net/tls_ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>

#include "crypto/random.h"

namespace portal::net {

namespace {

bool PrepareMac(EVP_MAC_CTX* mac, std::span<const unsigned char> secret) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  return EVP_MAC_init(mac, secret.data(), secret.size(), parameters) == 1;
}

}  // namespace

TlsTicketKeys::Key::Key() {
  crypto::FillRandom(name);
  crypto::FillRandom(cipher_secret);
  crypto::FillRandom(mac_secret);
}

TlsTicketKeys::Key::~Key() {
  OPENSSL_cleanse(cipher_secret.data(), cipher_secret.size());
  OPENSSL_cleanse(mac_secret.data(), mac_secret.size());
}

TlsTicketKeys::~TlsTicketKeys() = default;

TlsTicketKeys::Verdict TlsTicketKeys::Seal(std::span<unsigned char, kNameBytes> name,
                                           std::span<unsigned char, kIvBytes> iv, const EVP_CIPHER* aes,
                                           EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  const Key key = Newest();
  std::ranges::copy(key.name, name.begin());
  crypto::FillRandom(iv);
  const bool ready = EVP_EncryptInit_ex2(cipher, aes, key.cipher_secret.data(), iv.data(), nullptr) == 1 &&
                     PrepareMac(mac, key.mac_secret);
  return ready ? Verdict::kUsed : Verdict::kFailed;
}

TlsTicketKeys::Verdict TlsTicketKeys::Open(std::span<const unsigned char, kNameBytes> name,
                                           std::span<const unsigned char, kIvBytes> iv, const EVP_CIPHER* aes,
                                           EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  const auto found = Find(name);
  if (!found) return Verdict::kUnknown;
  const bool ready = EVP_DecryptInit_ex2(cipher, aes, found->key.cipher_secret.data(), iv.data(), nullptr) == 1 &&
                     PrepareMac(mac, found->key.mac_secret);
  if (!ready) return Verdict::kFailed;
  return found->is_newest ? Verdict::kUsed : Verdict::kUsedRenew;
}

TlsTicketKeys::Key TlsTicketKeys::Newest() {
  const base::MonotonicTime now = clock_.Unmoved();
  const base::MutexLock lock(mu_);
  DropOld(now);
  if (keys_.empty() || now - keys_.front().born >= kRotation) keys_.push_front({Key(), now});
  return keys_.front().key;
}

std::optional<TlsTicketKeys::Found> TlsTicketKeys::Find(std::span<const unsigned char, kNameBytes> name) {
  const base::MonotonicTime now = clock_.Unmoved();
  const base::MutexLock lock(mu_);
  DropOld(now);
  for (const Dated& dated : keys_) {
    if (!std::ranges::equal(dated.key.name, name)) continue;
    return Found{dated.key, &dated == &keys_.front() && now - dated.born < kRotation};
  }
  return std::nullopt;
}

void TlsTicketKeys::DropOld(base::MonotonicTime now) {
  while (!keys_.empty() && now - keys_.back().born >= kRotation + kTicketLifetime) keys_.pop_back();
}

}  // namespace portal::net
