#include "crypto/hash.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <new>
#include <stdexcept>

namespace portal::crypto {

struct Sha256Stream::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {
  if (!context_->evp) throw std::bad_alloc();
  Restart(EVP_sha256());
}

void Sha256Stream::Restart(const evp_md_st* algorithm) {
  if (EVP_DigestInit_ex2(context_->evp, algorithm, nullptr) != 1) {
    throw std::runtime_error("this OpenSSL has no SHA-256");
  }
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Update(std::span<const std::byte> bytes) {
  if (EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) != 1) throw std::runtime_error("SHA-256 failed");
}

Sha256Digest Sha256Stream::Finish() {
  Sha256Digest digest;
  if (EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr) != 1) throw std::runtime_error("SHA-256 failed");
  Restart(nullptr);
  return digest;
}

Sha256Digest Sha256(std::string_view text) {
  thread_local Sha256Stream stream;  // making one costs more than a short text
  stream.Update(std::as_bytes(std::span(text)));
  return stream.Finish();
}

std::array<unsigned char, 16> Fingerprint(std::span<const std::string_view> parts) {
  std::array<unsigned char, 16> digest;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, digest.size());
  for (const std::string_view part : parts) {
    std::array<unsigned char, 8> length;
    for (std::size_t i = 0; i < length.size(); ++i) {
      length[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(part.size()) >> (56 - 8 * i));
    }
    crypto_generichash_update(&state, length.data(), length.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}

}  // namespace portal::crypto
