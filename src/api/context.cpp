#include "api/context.h"

#include "http/pipeline.h"

namespace portal::api {

std::string Context::PublicBase(const http::Request& request) const {
  return http::PublicBase(public_url, request, fallback_authority);
}

std::string Context::FilesBase(const http::Request& request) const {
  return files_base_url.empty() ? PublicBase(request) : files_base_url;
}

}  // namespace portal::api
