#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "model/budgets.h"
#include "model/file.h"

namespace portal::service {

// The form in which a whole tenant travels: a tar archive (service/archive/tar_header.h) of
//
//     tenant.json               what it is called (TenantArchiveHead); the first entry
//     contacts/000001.ndjson    rows in the JSON of /v1, one a line, at most kArchiveEntryRows of them; each kind
//     jobs/000001.ndjson        counts its entries from 1
//     files/000001.ndjson       … with their job_id
//     blobs/<sha256>            the bytes of files, each once
//     end.json                  how many there were (TenantArchiveEnd); the last entry
//
// Whatever a row names comes before it: the job's contact, the file's job and its bytes. Clients, with budgets of
// their own, and tokens are not in it, since tokens are not kept.

inline constexpr std::string_view kArchiveHeadName = "tenant.json";
inline constexpr std::string_view kArchiveEndName = "end.json";
inline constexpr std::size_t kArchiveEntryRows = 10'000;
/// An entry of rows is closed once it is this long; one more row may make it longer by kMaxRecordBytes.
inline constexpr std::size_t kArchiveEntryBytes = 8 << 20;

enum class ArchiveRows : std::uint8_t { kContacts, kJobs, kFiles };

struct TenantArchiveHead {
  std::string slug;
  std::string name;
  std::string bucket;
  std::optional<std::int64_t> quota_bytes;
  model::Budgets budgets;  ///< of all its clients together; older exports have none
  std::string program;     ///< the version that wrote it
  base::WallTime made_at;
  friend bool operator==(const TenantArchiveHead&, const TenantArchiveHead&) = default;
};

struct TenantArchiveCounts {
  std::int64_t contacts = 0;
  std::int64_t jobs = 0;
  std::int64_t files = 0;
  std::int64_t blobs = 0;
  std::int64_t blob_bytes = 0;
  friend bool operator==(const TenantArchiveCounts&, const TenantArchiveCounts&) = default;
};

struct TenantArchiveEnd {
  TenantArchiveCounts counts;
  crypto::Sha256Digest sha256{};  ///< of all bytes of the archive before the entry itself
  friend bool operator==(const TenantArchiveEnd&, const TenantArchiveEnd&) = default;
};

std::string ToJson(const TenantArchiveHead& head);
std::string ToJson(const TenantArchiveEnd& end);
/// kValidation names the member; of a later format, that a later release is needed.
base::Result<TenantArchiveHead> ParseArchiveHead(std::string_view json);
base::Result<TenantArchiveEnd> ParseArchiveEnd(std::string_view json);

/// `contacts/000001.ndjson`. Numbers count from 1.
std::string ArchiveRowsName(ArchiveRows kind, std::int64_t number);
/// Which rows an entry of that name would hold, whatever its number; nullopt: none.
std::optional<ArchiveRows> ParseArchiveRowsName(std::string_view name);
std::string ArchiveBlobName(const model::ContentHash& sha256);
std::optional<model::ContentHash> ParseArchiveBlobName(std::string_view name);

}  // namespace portal::service
