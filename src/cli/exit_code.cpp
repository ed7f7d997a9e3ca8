#include "cli/exit_code.h"

namespace portal::cli {

int ExitCodeFor(base::ErrorCode code) {
  using enum base::ErrorCode;
  switch (code) {
    case kBadRequest:
    case kValidation:
    case kNotFound:
    case kConflict:
    case kPayloadTooLarge:
    case kUnsupportedMediaType:
      return kExitRejected;
    case kUnavailable:
    case kStorageFull:
    case kOverBudget:
    case kCircuitOpen:
      return kExitDatabase;
    case kUnauthorized:
    case kInvalidToken:
    case kForbidden:
    case kCorsOriginDenied:
    case kSignatureInvalid:
    case kSignatureExpired:
    case kMethodNotAllowed:
    case kNotAcceptable:
    case kRequestTimeout:
    case kLengthRequired:
    case kPreconditionFailed:
    case kUriTooLong:
    case kRangeNotSatisfiable:
    case kExpectationFailed:
    case kMisdirected:
    case kRateLimitExceeded:
    case kHeadersTooLarge:
    case kInternal:
    case kNotImplemented:
    case kHttpVersion:
      return kExitFailure;
  }
  return kExitFailure;
}

}  // namespace portal::cli
