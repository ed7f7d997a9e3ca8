#pragma once

#include "metrics/family.h"
#include "metrics/request_metrics.h"

namespace portal::metrics {

/// `http_requests_total`, `http_requests_errors_total`, `http_responses_total` and `http_request_duration_ms`. The
/// first two have the same label sets, since alerts divide one by the other.
void AddRequestFamilies(const RequestReading& reading, Families& families);

}  // namespace portal::metrics
