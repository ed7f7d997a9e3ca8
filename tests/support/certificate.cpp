#include "support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace portal::testing {

namespace {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using BioPointer = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using X509Pointer = std::unique_ptr<X509, FreeWith<X509_free>>;
using ExtensionPointer = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

void Check(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("libcrypto cannot ") + what);
}

template <typename Write>
std::string Print(Write write) {
  const BioPointer bio(BIO_new(BIO_s_mem()));
  Check(write(bio.get()) == 1, "print");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

KeyPointer NewKey(Certificate::Kind kind) {
  EVP_PKEY* key = kind == Certificate::Kind::kEcdsa ? EVP_EC_gen("P-256")
                                                    : EVP_RSA_gen(kind == Certificate::Kind::kRsa ? 2048u : 1024u);
  Check(key, "make a key");
  return KeyPointer(key);
}

KeyPointer ReadKey(const std::string& pem) {
  const BioPointer bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return KeyPointer(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionPointer extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  Check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

std::time_t ToTime(base::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

X509Pointer Sign(const Certificate::Options& options, EVP_PKEY* key) {
  X509Pointer certificate(X509_new());
  X509* x509 = certificate.get();
  std::uint32_t serial = 0;
  Check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "draw a number");
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial);
  ASN1_TIME_set(X509_getm_notBefore(x509), ToTime(options.not_before));
  ASN1_TIME_set(X509_getm_notAfter(x509), ToTime(options.not_after));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  X509_set_pubkey(x509, key);
  if (options.alternative_names) {
    AddExtension(x509, NID_subject_alt_name, "DNS:" + options.name + ",IP:127.0.0.1");
  }
  AddExtension(x509, NID_basic_constraints, "critical,CA:TRUE");
  Check(X509_sign(x509, key, EVP_sha256()) > 0, "sign");
  return certificate;
}

}  // namespace

Certificate::Certificate(const Options& options) {
  const KeyPointer key = NewKey(options.kind);
  const X509Pointer certificate = Sign(options, key.get());
  certificate_pem_ = Print([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
  key_pem_ =
      Print([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string Certificate::EncryptedKeyPem(const std::string& password) const {
  const KeyPointer key = ReadKey(key_pem_);
  return Print([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), EVP_aes_256_cbc(), password.data(),
                                         static_cast<int>(password.size()), nullptr, nullptr);
  });
}

std::string Certificate::certificate_der() const {
  const BioPointer in(BIO_new_mem_buf(certificate_pem_.data(), static_cast<int>(certificate_pem_.size())));
  const X509Pointer certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  return Print([&](BIO* bio) { return i2d_X509_bio(bio, certificate.get()); });
}

void Certificate::WriteTo(const std::filesystem::path& folder) const {
  WriteFile(folder / "cert.pem", certificate_pem_);
  WriteFile(folder / "key.pem", key_pem_);
}

void WriteFile(const std::filesystem::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << content;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace portal::testing
