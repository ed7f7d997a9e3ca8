#include "service/purge_report.h"

#include <nlohmann/json.hpp>

#include "base/time_text.h"

namespace portal::service {

std::string PurgeReport::Json() const {
  nlohmann::ordered_json json;
  json["at"] = base::FormatRfc3339(at);
  json["took_ms"] = took.count();
  json["all"] = all;
  json["complete"] = complete;
  auto& gone = json["removed"];
  gone["tenants"] = removed.tenants;
  gone["contacts"] = removed.contacts;
  gone["jobs"] = removed.jobs;
  gone["files"] = removed.files;
  gone["blobs"] = removed.blobs;
  gone["blob_files"] = removed.blob_files;
  gone["blob_bytes"] = removed.blob_bytes;
  gone["orphans"] = removed.orphans;
  gone["uploads"] = removed.uploads;
  gone["feed_batches"] = removed.feed_batches;
  gone["upgrade_copies"] = removed.upgrade_copies;
  auto& database = json["database"];
  database["contacts_search_merged"] = contacts_search_merged;
  database["jobs_search_merged"] = jobs_search_merged;
  database["pages_overwritten"] = pages_overwritten;
  database["bytes_overwritten"] = bytes_overwritten;
  database["free_bytes"] = waiting.free_pages * waiting.page_bytes;
  database["log_emptied"] = log_emptied;
  auto& later = json["waiting"];
  later["tenants"] = waiting.tenants;
  later["blobs"] = waiting.blobs;
  later["blob_bytes"] = waiting.blob_bytes;
  later["search"] = waiting.search;
  later["blobs_needed_by_backup"] = blobs_needed;
  later["until"] = next_due ? nlohmann::ordered_json(base::FormatRfc3339(*next_due)) : nlohmann::ordered_json();
  return json.dump();
}

}  // namespace portal::service
