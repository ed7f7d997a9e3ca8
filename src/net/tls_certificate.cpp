#include "net/tls_certificate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"

namespace portal::net {

namespace {

using base::ErrorCode;
using base::Fail;
namespace fs = std::filesystem;

// A long chain has ten kilobytes. Whoever names a disk or a log by mistake is not to wait for it to be read.
constexpr std::size_t kMaxFileBytes = 1 << 20;

auto Refuse(std::string_view option, const fs::path& file, std::string_view what) {
  return Fail(ErrorCode::kValidation, std::string(option) + " '" + file.string() + "' " + std::string(what));
}

/// The text of a file, which is wiped when it goes: it may hold a key.
class FileText {
 public:
  static base::Result<FileText> Read(std::string_view option, const fs::path& file) {
    const auto unreadable = [&](int error) {
      const std::string_view remedy = error == ENOENT ? ". Name the PEM file by its full path"
                                      : error == EACCES
                                          ? ". Let the portal's user read it, as in `chown` or `setfacl -m u:USER:r`"
                                          : "";
      return Refuse(option, file, "cannot be read: " + std::string(std::strerror(error)) + std::string(remedy));
    };
    // O_NONBLOCK: a pipe nobody writes to would hold up the start for good.
    const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return unreadable(errno);
    FileText text;
    text.bytes_.resize(kMaxFileBytes);
    std::size_t size = 0;
    while (size < kMaxFileBytes) {
      const ssize_t got = ::read(fd.get(), text.bytes_.data() + size, kMaxFileBytes - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return unreadable(errno);
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    if (size == kMaxFileBytes) return Refuse(option, file, "is too large for a PEM file: 1 MiB or more");
    text.bytes_.resize(size);
    return text;
  }

  FileText(FileText&&) = default;
  FileText& operator=(FileText&&) = default;
  ~FileText() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  TlsPointer<BIO> Open() const {
    return TlsPointer<BIO>(BIO_new_mem_buf(bytes_.data(), static_cast<int>(bytes_.size())));
  }

 private:
  FileText() = default;
  std::vector<char> bytes_;
};

base::Status ReadChain(const fs::path& file, TlsCertificate& into) {
  const auto text = FileText::Read("tls.cert", file);
  if (!text) return Fail(text.error());
  const auto bio = text->Open();
  while (TlsPointer<X509> next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (into.leaf) {
      into.chain.push_back(std::move(next));
    } else {
      into.leaf = std::move(next);
    }
  }
  // The end of the file is reported as "no start line"; anything else is damage, and half a chain is of no use.
  const bool damaged = ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (damaged) {
    return Refuse("tls.cert", file,
                  "holds a damaged certificate. Copy the file again, from its BEGIN to its END lines");
  }
  if (into.leaf) return {};
  return Refuse(
      "tls.cert", file,
      "holds no PEM certificate (-----BEGIN CERTIFICATE-----). Name the file with the whole chain; a DER file "
      "becomes PEM with `openssl x509 -inform der`");
}

base::Status ReadKey(const fs::path& file, TlsCertificate& into) {
  const auto text = FileText::Read("tls.key", file);
  if (!text) return Fail(text.error());
  bool encrypted = false;
  const auto refuse_to_ask = [](char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
  };
  into.key.reset(PEM_read_bio_PrivateKey(text->Open().get(), nullptr, refuse_to_ask, &encrypted));
  ERR_clear_error();
  if (into.key) return {};
  if (encrypted) {
    return Refuse("tls.key", file,
                  "is encrypted, and nobody is there to type its password. Store it without one, readable by the "
                  "portal's user only: `openssl pkey -in FILE -out PLAIN`");
  }
  if (text->view().find("PRIVATE KEY-----") != std::string_view::npos) {
    return Refuse("tls.key", file, "holds a damaged private key. Copy the file again, from its BEGIN to its END line");
  }
  return Refuse("tls.key", file,
                "holds no PEM private key (-----BEGIN PRIVATE KEY-----). A DER file becomes PEM with `openssl pkey "
                "-inform der`");
}

bool Belongs(const TlsPointer<X509>& certificate, const TlsPointer<EVP_PKEY>& key) {
  const bool belongs = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return belongs;
}

using OpenSslBytes = std::unique_ptr<unsigned char, decltype([](unsigned char* bytes) { OPENSSL_free(bytes); })>;

TlsPointer<X509> Copy(X509* certificate, OSSL_LIB_CTX* library) {
  unsigned char* encoded = nullptr;
  const int size = i2d_X509(certificate, &encoded);
  const OpenSslBytes der(encoded);
  X509* copy = X509_new_ex(library, nullptr);
  const unsigned char* at = encoded;
  // On failure it frees the copy.
  return TlsPointer<X509>(size > 0 && copy ? d2i_X509(&copy, &at, size) : nullptr);
}

TlsPointer<EVP_PKEY> Copy(EVP_PKEY* key, OSSL_LIB_CTX* library) {
  unsigned char* encoded = nullptr;
  const int size = i2d_PrivateKey(key, &encoded);
  const OpenSslBytes der(encoded);
  const unsigned char* at = encoded;
  TlsPointer<EVP_PKEY> copy(size > 0 ? d2i_AutoPrivateKey_ex(nullptr, &at, size, library, nullptr) : nullptr);
  if (size > 0) OPENSSL_cleanse(encoded, static_cast<std::size_t>(size));
  return copy;
}

base::WallTime ToWallTime(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  const std::chrono::sys_days day = std::chrono::year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday;
  return day + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

std::string ToText(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string ToText(const GENERAL_NAME& name) {
  if (name.type == GEN_DNS) return ToText(name.d.dNSName);
  if (name.type != GEN_IPADD) return {};
  const std::string bytes = ToText(name.d.iPAddress);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string CommonName(const X509_NAME* subject) {
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  const OpenSslBytes owned(utf8);
  return size > 0 ? std::string(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

base::Result<TlsCertificate> TlsCertificate::Read(const fs::path& cert, const fs::path& key) {
  TlsCertificate pair;
  if (auto read = ReadChain(cert, pair); !read) return Fail(std::move(read).error());
  if (auto read = ReadKey(key, pair); !read) return Fail(std::move(read).error());
  if (Belongs(pair.leaf, pair.key)) return pair;
  for (const auto& other : pair.chain) {
    if (!Belongs(other, pair.key)) continue;
    return Refuse("tls.cert", cert,
                  "is in the wrong order: the certificate of tls.key must come first, then the one that signed it");
  }
  return Refuse("tls.key", key,
                "does not belong to the certificate in tls.cert '" + cert.string() +
                    "'. Name the key that the certificate was requested with");
}

TlsCertificate TlsCertificate::CopyInto(OSSL_LIB_CTX* library) const {
  TlsCertificate copy{Copy(leaf.get(), library), {}, Copy(key.get(), library)};
  for (const auto& next : chain) copy.chain.push_back(Copy(next.get(), library));
  return copy;
}

base::WallTime TlsCertificate::NotBefore() const { return ToWallTime(X509_get0_notBefore(leaf.get())); }
base::WallTime TlsCertificate::NotAfter() const { return ToWallTime(X509_get0_notAfter(leaf.get())); }

std::string TlsCertificate::Name() const {
  const auto free_names = [](GENERAL_NAMES* names) { GENERAL_NAMES_free(names); };
  const std::unique_ptr<GENERAL_NAMES, decltype(free_names)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    if (std::string name = ToText(*sk_GENERAL_NAME_value(names.get(), i)); !name.empty()) return name;
  }
  const X509_NAME* subject = X509_get_subject_name(leaf.get());
  if (std::string name = CommonName(subject); !name.empty()) return name;
  std::array<char, 256> whole{};
  X509_NAME_oneline(subject, whole.data(), static_cast<int>(whole.size()));
  return whole.data();
}

}  // namespace portal::net
