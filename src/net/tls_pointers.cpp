#include "net/tls_pointers.h"

#include <openssl/ssl.h>

namespace portal::net {

void TlsFree::operator()(BIO* bio) const { BIO_free(bio); }
void TlsFree::operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
void TlsFree::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
void TlsFree::operator()(OSSL_LIB_CTX* library) const { OSSL_LIB_CTX_free(library); }
void TlsFree::operator()(SSL* ssl) const { SSL_free(ssl); }
void TlsFree::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
void TlsFree::operator()(X509* certificate) const { X509_free(certificate); }

}  // namespace portal::net
