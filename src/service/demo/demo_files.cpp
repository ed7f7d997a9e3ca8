#include "service/demo/demo_files.h"

#include <utility>

#include "service/demo/demo_pdf.h"
#include "service/demo/demo_picture.h"
#include "service/demo/demo_png.h"

namespace portal::service {
namespace {

constexpr std::size_t kProductionDocumentBytes = 2'457'600;
constexpr unsigned kPhotoVariations = 16;

base::Result<DemoBlobs::Content> Put(std::string_view content, std::string_view content_type, model::FileKind kind,
                                     blob::BlobStore& blobs) {
  return blobs.Put(content).map([&](const blob::BlobStore::Stored& stored) {
    return DemoBlobs::Content{content_type, kind, stored};
  });
}

base::Result<DemoBlobs::Content> PutPdf(const DemoPdf& document, blob::BlobStore& blobs) {
  return Put(EncodePdf(document), "application/pdf", model::FileKind::kDocument, blobs);
}

/// The title page shows the name without its ending, and only what the standard fonts have.
std::string TitleOf(std::string_view name) {
  std::string title;
  for (const char c : name.substr(0, name.rfind('.'))) {
    if (c >= ' ' && c <= '~') title += c;
  }
  return title;
}

base::Status PutDocuments(const DemoLists& lists, blob::BlobStore& store, DemoBlobs& blobs) {
  for (const std::string_view name : lists.document_names) {
    const std::string title = TitleOf(name);
    auto document = PutPdf({.title = title, .lines = lists.document_text}, store);
    if (!document) return base::Fail(std::move(document).error());
    blobs.documents.push_back(*document);
  }
  const DemoPicture picture = DrawHouse(1600, 1500, 0);
  auto document = PutPdf({.title = "Roof replacement: production document",
                          .lines = lists.document_text,
                          .picture = &picture,
                          .exact_size = kProductionDocumentBytes},
                         store);
  if (!document) return base::Fail(std::move(document).error());
  blobs.production_document = *document;
  return {};
}

base::Status PutPhotos(blob::BlobStore& store, DemoBlobs& blobs) {
  for (unsigned variation = 0; variation < kPhotoVariations; ++variation) {
    auto photo = Put(EncodePng(DrawHouse(640, 480, variation)), "image/png", model::FileKind::kPhoto, store);
    if (!photo) return base::Fail(std::move(photo).error());
    blobs.photos.push_back(*photo);
  }
  return {};
}

base::Status PutTexts(blob::BlobStore& store, DemoBlobs& blobs) {
  constexpr std::string_view kNotes =
      "Gate code is with the office. Dog is friendly, cat is not.\n"
      "Owner asks for the crew to start after 8 and to keep the rose bed clear.\n";
  constexpr std::string_view kMeasurements =
      "section,length_ft,width_ft,pitch\nmain north,42.5,18.0,6/12\nmain south,42.5,18.0,6/12\nporch,16.0,8.5,3/12\n";
  auto notes = Put(kNotes, "text/plain; charset=utf-8", model::FileKind::kDocument, store);
  auto measurements = Put(kMeasurements, "text/csv", model::FileKind::kOther, store);
  if (!notes) return base::Fail(std::move(notes).error());
  if (!measurements) return base::Fail(std::move(measurements).error());
  blobs.notes = *notes;
  blobs.measurements = *measurements;
  return {};
}

/// Three of four are called as cameras call them, the fourth as people do.
std::string PhotoName(const DemoLists& lists, std::int64_t first_number, std::int64_t i) {
  const auto named = static_cast<std::size_t>((first_number + i / 4)) % lists.photo_names.size();
  if (i % 4 == 3) return std::string(lists.photo_names[named]);
  return "IMG_" + std::to_string(first_number + i) + ".png";
}

}  // namespace

base::Result<DemoBlobs> PutDemoBlobs(const DemoLists& lists, blob::BlobStore& store) {
  DemoBlobs blobs;
  if (auto done = PutDocuments(lists, store, blobs); !done) return base::Fail(std::move(done).error());
  if (auto done = PutPhotos(store, blobs); !done) return base::Fail(std::move(done).error());
  if (auto done = PutTexts(store, blobs); !done) return base::Fail(std::move(done).error());
  return blobs;
}

model::File DemoFile(const DemoBlobs::Content& content, const model::Job& job, base::FileId id, std::string name,
                     base::WallTime created_at) {
  return {.id = std::move(id),
          .job_id = job.id,
          .name = std::move(name),
          .kind = content.kind,
          .content_type = std::string(content.content_type),
          .size_bytes = content.stored.size_bytes,
          .sha256 = content.stored.sha256,
          .created_at = created_at};
}

std::vector<model::File> DemoFiles(const DemoLists& lists, const DemoBlobs& blobs, const model::Job& job,
                                   std::int64_t photos, std::int64_t documents, DemoRandom& random) {
  std::vector<model::File> files;
  const auto add = [&](const DemoBlobs::Content& content, std::string name) {
    const std::int64_t milliseconds = (job.updated_at - job.created_at).count();
    const auto created_at = job.created_at + std::chrono::milliseconds{random.Below(milliseconds + 1)};
    files.push_back(DemoFile(content, job, base::FileId(DemoId("file_", random)), std::move(name), created_at));
  };
  const std::int64_t first_number = random.Between(1000, 9899);
  for (std::int64_t i = 0; i < photos; ++i) add(random.Pick(blobs.photos), PhotoName(lists, first_number, i));
  const std::int64_t first_document = random.Below(static_cast<std::int64_t>(blobs.documents.size()));
  for (std::int64_t i = 0; i < documents; ++i) {
    const auto which = static_cast<std::size_t>(first_document + i) % blobs.documents.size();
    add(blobs.documents[which], std::string(lists.document_names[which]));
  }
  if (random.Chance(20)) add(blobs.notes, "notes.txt");
  if (random.Chance(15)) add(blobs.measurements, "roof measurements.csv");
  return files;
}

}  // namespace portal::service
