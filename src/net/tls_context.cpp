#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <new>
#include <string_view>
#include <utility>

#include "base/time_text.h"

namespace portal::net {

namespace {

using base::ErrorCode;
using base::Fail;
namespace fs = std::filesystem;

// AES-128 first: fastest where processors know AES, and nobody breaks it. A client that would rather have
// ChaCha20, because its processor does not know AES, says so by naming it first, and gets it.
constexpr char kCiphers13[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr char kCiphers12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kGroups[] = "X25519:P-256:P-384";

constexpr std::uint64_t kOptions = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF;  // a request has a length: no cut goes unnoticed
// 112 bits: RSA and DH from 2048 bits, no SHA-1 signatures.
constexpr int kSecurityLevel = 2;

/// RFC 7301 §3.2: a client that names protocols, but not ours, is told so.
int SelectProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes, const unsigned char* offered,
                   unsigned int offered_bytes, void*) {
  static constexpr std::string_view kProtocol = "http/1.1";
  const std::string_view list(reinterpret_cast<const char*>(offered), offered_bytes);
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t length = offered[at];
    if (list.substr(at + 1, length) == kProtocol) {
      *chosen = offered + at + 1;
      *chosen_bytes = static_cast<unsigned char>(length);
      return SSL_TLSEXT_ERR_OK;
    }
    at += 1 + length;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool ApplyRules(SSL_CTX* context) {
  SSL_CTX_set_security_level(context, kSecurityLevel);
  SSL_CTX_set_options(context, kOptions);
  // The machine's openssl.cnf has been applied by now; these rules replace what it says of versions.
  bool done = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
  done = SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 && done;
  done = SSL_CTX_set_ciphersuites(context, kCiphers13) == 1 && done;
  done = SSL_CTX_set_cipher_list(context, kCiphers12) == 1 && done;
  done = SSL_CTX_set1_groups_list(context, kGroups) == 1 && done;
  SSL_CTX_set_alpn_select_cb(context, SelectProtocol, nullptr);

  // An idle connection holds no buffers; a busy one takes a whole record, or several requests, off the socket at once.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);

  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  done = SSL_CTX_set_num_tickets(context, 1) == 1 && done;
  SSL_CTX_set_timeout(context, std::chrono::seconds(TlsTicketKeys::kTicketLifetime).count());
  return done;
}

std::string LastError() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason ? reason : "unknown error";
}

}  // namespace

TlsContext::TlsContext(std::shared_ptr<const TlsLibraries> libraries, std::shared_ptr<TlsTicketKeys> ticket_keys)
    : libraries_(std::move(libraries)), ticket_keys_(std::move(ticket_keys)) {
  loops_.reserve(libraries_->size());
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const fs::path& cert, const fs::path& key,
                                                                 std::shared_ptr<const TlsLibraries> libraries,
                                                                 std::shared_ptr<TlsTicketKeys> ticket_keys,
                                                                 const base::Clock& clock) {
  const auto certificate = TlsCertificate::Read(cert, key);
  if (!certificate) return Fail(certificate.error());
  const std::shared_ptr<TlsContext> context(new TlsContext(std::move(libraries), std::move(ticket_keys)));
  for (std::size_t i = 0; i < context->libraries_->size(); ++i) {
    auto added = context->AddLoop(context->libraries_->ForLoop(i), *certificate, cert);
    if (!added) return Fail(std::move(added).error());
  }
  context->Describe(*certificate, cert, clock);
  return context;
}

base::Status TlsContext::AddLoop(OSSL_LIB_CTX* library, const TlsCertificate& original, const fs::path& cert) {
  Loop& loop = loops_.emplace_back(Loop{ticket_keys_.get(),
                                        TlsPointer<EVP_CIPHER>(EVP_CIPHER_fetch(library, "AES-256-CBC", nullptr)),
                                        TlsPointer<SSL_CTX>(SSL_CTX_new_ex(library, nullptr, TLS_server_method()))});
  SSL_CTX* context = loop.context.get();
  if (!context || !loop.ticket_cipher) throw std::bad_alloc();
  if (!ApplyRules(context)) throw std::runtime_error("OpenSSL refuses the rules for TLS: " + LastError());
  SSL_CTX_set_app_data(context, &loop);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, OnTicket);

  const TlsCertificate certificate = original.CopyInto(library);
  bool taken = SSL_CTX_use_certificate(context, certificate.leaf.get()) == 1 &&
               SSL_CTX_use_PrivateKey(context, certificate.key.get()) == 1;
  for (const auto& next : certificate.chain) taken = taken && SSL_CTX_add1_chain_cert(context, next.get()) == 1;
  if (taken) return {};
  return Fail(ErrorCode::kValidation, "tls.cert '" + cert.string() + "' cannot be used: " + LastError() +
                                          ". Use ECDSA P-256 or RSA with at least 2048 bits, signed with SHA-256");
}

void TlsContext::Describe(const TlsCertificate& certificate, const fs::path& cert, const base::Clock& clock) {
  not_after_ = certificate.NotAfter();
  name_ = certificate.Name();
  description_ = name_ + ", until " + base::FormatRfc3339(not_after_);
  const base::WallTime now = clock.Wall();
  const std::string file = "tls.cert '" + cert.string() + "' ";
  if (now >= not_after_) {
    warning_ = file + "expired on " + base::FormatRfc3339(not_after_) +
               ": clients will refuse it. Replace the files and send SIGHUP";
  } else if (now < certificate.NotBefore()) {
    warning_ = file + "is not valid before " + base::FormatRfc3339(certificate.NotBefore()) +
               ": clients will refuse it until then. Check this machine's clock";
  }
}

TlsPointer<SSL> TlsContext::NewConnection(std::size_t loop) const {
  TlsPointer<SSL> ssl(SSL_new(loops_.at(loop).context.get()));
  if (ssl) SSL_set_accept_state(ssl.get());
  return ssl;
}

int TlsContext::OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                         int sealing) {
  using Keys = TlsTicketKeys;
  const auto& loop = *static_cast<const Loop*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const std::span<unsigned char, Keys::kNameBytes> name_bytes(name, Keys::kNameBytes);
  const std::span<unsigned char, Keys::kIvBytes> iv_bytes(iv, Keys::kIvBytes);
  const EVP_CIPHER* aes = loop.ticket_cipher.get();
  if (sealing == 1) return static_cast<int>(loop.ticket_keys->Seal(name_bytes, iv_bytes, aes, cipher, mac));
  auto verdict = loop.ticket_keys->Open(name_bytes, iv_bytes, aes, cipher, mac);
  // RFC 8446 §C.4: a client should use a ticket once only, and so needs another one.
  if (verdict == Keys::Verdict::kUsed && SSL_version(ssl) == TLS1_3_VERSION) verdict = Keys::Verdict::kUsedRenew;
  return static_cast<int>(verdict);
}

}  // namespace portal::net
