#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/clock.h"

namespace portal::testing {

/// A self-signed certificate for localhost and 127.0.0.1 and its private key, made afresh for each test, so that no
/// key lies in the repository.
class Certificate {
 public:
  enum class Kind { kEcdsa, kRsa, kWeakRsa };  ///< P-256; 2048 bits; 1024 bits

  struct Options {
    Kind kind = Kind::kEcdsa;
    std::string name = "localhost";  ///< the subject's common name and the first host name
    bool alternative_names = true;   ///< has host names and addresses (RFC 5280 §4.2.1.6)
    base::WallTime not_before = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    base::WallTime not_after = not_before + std::chrono::days(30);
  };

  Certificate() : Certificate(Options{}) {}
  explicit Certificate(const Options& options);

  const std::string& certificate_pem() const { return certificate_pem_; }
  const std::string& key_pem() const { return key_pem_; }
  std::string EncryptedKeyPem(const std::string& password) const;
  std::string certificate_der() const;

  /// Writes `cert.pem` and `key.pem`.
  void WriteTo(const std::filesystem::path& folder) const;

 private:
  std::string certificate_pem_;
  std::string key_pem_;
};

/// Replaces the file's content.
void WriteFile(const std::filesystem::path& file, const std::string& content);

}  // namespace portal::testing
