#include "net/tls_context.h"

#include <gtest/gtest.h>

#include <string>

#include "base/time_text.h"
#include "support/certificate.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::net {
namespace {

using testing::Certificate;
using testing::ManualClock;
using testing::TempFolder;
using testing::WriteFile;

base::WallTime Time(const std::string& text) { return *base::ParseRfc3339(text); }

class TlsContextTest : public ::testing::Test {
 protected:
  base::Result<std::shared_ptr<const TlsContext>> Load() {
    return TlsContext::Load(folder_.path() / "cert.pem", folder_.path() / "key.pem", libraries_,
                            std::make_shared<TlsTicketKeys>(clock_), clock_);
  }

  std::shared_ptr<const TlsLibraries> libraries_ = std::make_shared<TlsLibraries>(2);
  TempFolder folder_;
  ManualClock clock_{Time("2026-05-01T00:00:00Z")};
};

TEST_F(TlsContextTest, TakesEcdsaAndRsa) {
  for (const auto kind : {Certificate::Kind::kEcdsa, Certificate::Kind::kRsa}) {
    Certificate::Options options;
    options.kind = kind;
    Certificate(options).WriteTo(folder_.path());
    const auto context = Load();
    ASSERT_TRUE(context) << context.error().detail;
    EXPECT_TRUE((*context)->NewConnection(0));
    EXPECT_TRUE((*context)->NewConnection(1));
  }
}

TEST_F(TlsContextTest, TakesOneFileThatHoldsBoth) {
  const Certificate certificate;
  WriteFile(folder_.path() / "cert.pem", certificate.key_pem() + certificate.certificate_pem());
  WriteFile(folder_.path() / "key.pem", certificate.certificate_pem() + certificate.key_pem());
  const auto context = Load();
  EXPECT_TRUE(context) << context.error().detail;
}

TEST_F(TlsContextTest, SaysWhomItIsForAndUntilWhen) {
  Certificate::Options options;
  options.name = "portal.example.com";
  options.not_before = Time("2026-04-01T00:00:00Z");
  options.not_after = Time("2026-06-30T12:34:56Z");
  for (const bool alternative_names : {true, false}) {
    options.alternative_names = alternative_names;
    Certificate(options).WriteTo(folder_.path());
    const auto context = Load();
    ASSERT_TRUE(context) << context.error().detail;
    EXPECT_EQ((*context)->name(), "portal.example.com");
    EXPECT_EQ((*context)->not_after(), options.not_after);
    EXPECT_EQ((*context)->description(), "portal.example.com, until 2026-06-30T12:34:56.000Z");
    EXPECT_FALSE((*context)->warning()) << *(*context)->warning();
  }
}

TEST_F(TlsContextTest, WarnsOfACertificateOutsideItsTime) {
  Certificate::Options options;
  options.not_before = Time("2026-04-01T00:00:00Z");
  options.not_after = Time("2026-06-30T00:00:00Z");
  Certificate(options).WriteTo(folder_.path());
  const std::string file = "tls.cert '" + (folder_.path() / "cert.pem").string() + "' ";
  const struct {
    std::string now;
    std::string warning;
  } cases[] = {
      {"2026-06-29T23:59:59.999Z", ""},
      {"2026-06-30T00:00:00Z",
       file + "expired on 2026-06-30T00:00:00.000Z: clients will refuse it. Replace the files and send SIGHUP"},
      {"2026-03-31T23:59:59Z",
       file + "is not valid before 2026-04-01T00:00:00.000Z: clients will refuse it until then. Check this machine's "
              "clock"},
  };
  for (const auto& c : cases) {
    clock_.SetWall(Time(c.now));
    const auto context = Load();
    ASSERT_TRUE(context) << context.error().detail;
    EXPECT_EQ((*context)->warning().value_or(""), c.warning) << c.now;
  }
}

TEST_F(TlsContextTest, RefusesABadPairAndSaysWhatToDo) {
  const Certificate good;
  const Certificate other;
  Certificate::Options rsa;
  rsa.kind = Certificate::Kind::kRsa;
  Certificate::Options weak;
  weak.kind = Certificate::Kind::kWeakRsa;
  const Certificate weak_rsa(weak);
  const std::string damaged_cert = std::string(good.certificate_pem()).replace(100, 4, "!!!!");
  const std::string damaged_key = std::string(good.key_pem()).replace(60, 4, "!!!!");
  const struct {
    std::string name;
    std::string cert;
    std::string key;
    bool about_key;
    std::string says;
  } cases[] = {
      {"empty certificate", "", good.key_pem(), false, "holds no PEM certificate"},
      {"not a certificate", "hello\n", good.key_pem(), false, "holds no PEM certificate"},
      {"the key as certificate", good.key_pem(), good.key_pem(), false, "holds no PEM certificate"},
      {"DER", good.certificate_der(), good.key_pem(), false, "openssl x509 -inform der"},
      {"damaged certificate", damaged_cert, good.key_pem(), false, "holds a damaged certificate"},
      {"damaged second certificate", good.certificate_pem() + damaged_cert, good.key_pem(), false,
       "holds a damaged certificate"},
      {"cut short", good.certificate_pem().substr(0, 200), good.key_pem(), false, "holds a damaged certificate"},
      {"too large", std::string(1 << 20, '\n'), good.key_pem(), false, "is too large for a PEM file: 1 MiB or more"},
      {"wrong order", other.certificate_pem() + good.certificate_pem(), good.key_pem(), false,
       "is in the wrong order: the certificate of tls.key must come first"},
      {"weak", weak_rsa.certificate_pem(), weak_rsa.key_pem(), false, "cannot be used: ee key too small. Use ECDSA"},
      {"empty key", good.certificate_pem(), "", true, "holds no PEM private key"},
      {"the certificate as key", good.certificate_pem(), good.certificate_pem(), true, "holds no PEM private key"},
      {"damaged key", good.certificate_pem(), damaged_key, true, "holds a damaged private key"},
      {"encrypted key", good.certificate_pem(), good.EncryptedKeyPem("secret"), true, "is encrypted"},
      {"another key", good.certificate_pem(), other.key_pem(), true, "does not belong to the certificate in tls.cert"},
      {"another kind of key", good.certificate_pem(), Certificate(rsa).key_pem(), true,
       "does not belong to the certificate in tls.cert"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    WriteFile(folder_.path() / "cert.pem", c.cert);
    WriteFile(folder_.path() / "key.pem", c.key);
    const auto context = Load();
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().code, base::ErrorCode::kValidation);
    const std::string file = (folder_.path() / (c.about_key ? "key.pem" : "cert.pem")).string();
    const std::string start = (c.about_key ? "tls.key '" : "tls.cert '") + file + "' ";
    EXPECT_EQ(context.error().detail.substr(0, start.size()), start);
    EXPECT_NE(context.error().detail.find(c.says), std::string::npos) << context.error().detail;
    EXPECT_EQ(context.error().detail.find("secret"), std::string::npos);
  }
}

TEST_F(TlsContextTest, NamesTheFileThatCannotBeRead) {
  const auto path = [&](const char* name) { return (folder_.path() / name).string(); };
  const struct {
    std::string cert;
    std::string key;
    std::string says;
  } cases[] = {
      {path("none.pem"), path("key.pem"),
       "tls.cert '" + path("none.pem") +
           "' cannot be read: No such file or directory. Name the PEM file by its full "
           "path"},
      {path("cert.pem"), path("none.pem"),
       "tls.key '" + path("none.pem") +
           "' cannot be read: No such file or directory. Name the PEM file by its full "
           "path"},
      {folder_.path().string(), path("key.pem"),
       "tls.cert '" + folder_.path().string() + "' cannot be read: Is a directory"},
  };
  Certificate().WriteTo(folder_.path());
  for (const auto& c : cases) {
    const auto context = TlsContext::Load(c.cert, c.key, libraries_, std::make_shared<TlsTicketKeys>(clock_), clock_);
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().detail, c.says);
  }
}

}  // namespace
}  // namespace portal::net
