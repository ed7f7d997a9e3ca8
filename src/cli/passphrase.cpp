#include "cli/passphrase.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "app/data_folder.h"
#include "base/unique_fd.h"
#include "cli/typed_secret.h"

namespace portal::cli {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr const char* kVariable = "PORTAL_BACKUP_PASSPHRASE";

base::Result<std::string> ReadFile(const std::filesystem::path& file) {
  const app::CallerScope caller;  // it is the caller's file, not the data folder's owner's
  const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(kMostSecretBytes, '\0');
  const ssize_t got = fd ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (got < 0) {
    return Fail(ErrorCode::kValidation, "--passphrase-file " + file.string() + ": " + std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(got));
  text = FirstLine(std::move(text));
  if (text.empty())
    return Fail(ErrorCode::kValidation, "--passphrase-file " + file.string() + ": its first line is empty");
  return text;
}

base::Result<std::string> Ask(bool twice, Console& console) {
  if (::isatty(STDIN_FILENO) != 1) {
    return Fail(ErrorCode::kValidation,
                std::string("the keys need a passphrase: give --passphrase-file FILE, or set ") + kVariable +
                    ", or run this on a terminal");
  }
  const std::string question = "Passphrase of the keys:";
  auto text = twice ? AskUnseenTwice(question, console) : AskUnseen(question, console);
  if (text && text->empty()) return Fail(ErrorCode::kValidation, "the passphrase is empty");
  return text;
}

}  // namespace

base::Result<std::string> ReadPassphrase(const std::optional<std::filesystem::path>& file, bool twice,
                                         Console& console) {
  if (file) return ReadFile(*file);
  if (const char* value = std::getenv(kVariable); value && *value) return std::string(value);
  return Ask(twice, console);
}

}  // namespace portal::cli
