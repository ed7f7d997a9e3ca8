#include "metrics/request_families.h"

#include <string>
#include <utility>

namespace portal::metrics {

void AddRequestFamilies(const RequestReading& reading, Families& families) {
  Family total{"http_requests_total", "Requests answered, whatever the answer", Type::kCounter};
  Family errors{"http_requests_errors_total", "Requests answered with a status of 500 or above", Type::kCounter};
  Family classes{"http_responses_total", "Answers by the class of their status", Type::kCounter};
  Family duration{"http_request_duration_ms", "From a request's complete head to its answer, in milliseconds",
                  Type::kHistogram};
  for (const RequestSeries& series : reading.series) {
    const Labels labels = {{"method", reading.methods[series.method]},
                           {"endpoint", reading.endpoints[series.endpoint]}};
    total.Add(labels, static_cast<double>(series.total()));
    errors.Add(labels, static_cast<double>(series.errors()));
    duration.histograms.push_back({labels, series.duration});
    for (std::size_t i = 0; i < series.by_class.size(); ++i) {
      if (series.by_class[i] == 0) continue;
      Labels with_class = labels;
      with_class.push_back({"class", std::to_string(i + 1) + "xx"});
      classes.Add(std::move(with_class), static_cast<double>(series.by_class[i]));
    }
  }
  for (Family* family : {&total, &errors, &classes, &duration}) families.push_back(std::move(*family));
}

}  // namespace portal::metrics
