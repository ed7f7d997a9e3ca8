#include "store/page_scrub.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "store/notes.h"

namespace portal::store {
namespace {

constexpr std::size_t kFileHeaderBytes = 100;
constexpr std::int64_t kLockByte = 0x40000000;
// Overflow pages begin with a page number. Below this one its first byte is 0, which is no B-tree page's.
constexpr std::uint32_t kPagesThatCanBeTold = 0x02000000;

std::uint32_t Number(const unsigned char* bytes, std::size_t count) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < count; ++i) number = number << 8 | bytes[i];
  return number;
}

bool IsLeaf(unsigned char type) { return type == 10 || type == 13; }
bool IsInterior(unsigned char type) { return type == 2 || type == 5; }

}  // namespace

ScrubState ReadScrubState(sqlite3* db) {
  ScrubState state;
  if (const auto note = ReadNote(db, kPagesScrubbed)) {
    std::from_chars(note->data(), note->data() + note->size(), state.next_page);
  }
  state.last_end = ReadTimeNote(db, kPagesScrubbedAt);
  state.log_waits = ReadNote(db, kLogWaits).has_value();
  return state;
}

PageScrub::PageScrub(sqlite3* db) : db_(db) {
  Check(sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file_));
  ReadHeader();
  if (pages_ > 0) FindFreePages();
}

ScrubStep PageScrub::Run(std::uint32_t first, std::uint32_t most) {
  ScrubStep step;
  const std::uint32_t end =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{first} + most, pages_ + 1ull));
  for (std::uint32_t page = first; page < end; ++page) step.bytes_overwritten += ScrubPage(page);
  if (step.bytes_overwritten > 0) Check(file_->pMethods->xSync(file_, SQLITE_SYNC_NORMAL));
  if (end <= pages_) step.next = end;
  return step;
}

void PageScrub::ReadHeader() {
  std::array<unsigned char, kFileHeaderBytes> header{};
  Check(file_->pMethods->xRead(file_, header.data(), header.size(), 0));
  const std::uint32_t size = Number(&header[16], 2);
  page_bytes_ = size == 1 ? 65536 : size;
  usable_bytes_ = page_bytes_ - header[20];
  pages_ = Number(&header[28], 4);
  page_.resize(page_bytes_);
  const bool has_pointer_maps = Number(&header[52], 4) != 0;
  if (has_pointer_maps || pages_ >= kPagesThatCanBeTold) pages_ = 0;
}

/// https://www.sqlite.org/fileformat2.html#the_freelist
void PageScrub::FindFreePages() {
  free_.assign(std::size_t{pages_} + 1, false);
  trunks_.assign(std::size_t{pages_} + 1, false);
  Read(1);
  std::uint32_t trunk = Number(&page_[32], 4);
  while (trunk != 0) {
    NoteFree(trunk);
    trunks_[trunk] = true;
    Read(trunk);
    const std::uint32_t leaves = Number(&page_[4], 4);
    if (leaves > usable_bytes_ / 4 - 2) throw SQLite::Exception("a free page lists too many others", SQLITE_CORRUPT);
    for (std::uint32_t i = 0; i < leaves; ++i) NoteFree(Number(&page_[8 + 4 * i], 4));
    trunk = Number(page_.data(), 4);
  }
}

void PageScrub::NoteFree(std::uint32_t page) {
  if (page <= 1 || page > pages_ || free_[page]) {
    throw SQLite::Exception("the list of free pages names page " + std::to_string(page) + " of " +
                                std::to_string(pages_) + (page > 1 && page <= pages_ ? " twice" : ""),
                            SQLITE_CORRUPT);
  }
  free_[page] = true;
}

void PageScrub::Read(std::uint32_t page) {
  const auto offset = static_cast<sqlite3_int64>(page - 1) * static_cast<sqlite3_int64>(page_bytes_);
  Check(file_->pMethods->xRead(file_, page_.data(), static_cast<int>(page_bytes_), offset));
}

/// Returns how many bytes that was; 0 where they are zero already.
std::int64_t PageScrub::Clear(std::uint32_t page, std::size_t begin, std::size_t end) {
  const auto from = page_.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto to = page_.begin() + static_cast<std::ptrdiff_t>(end);
  if (std::all_of(from, to, [](unsigned char byte) { return byte == 0; })) return 0;
  std::fill(from, to, static_cast<unsigned char>(0));
  const auto offset = static_cast<sqlite3_int64>(page - 1) * static_cast<sqlite3_int64>(page_bytes_);
  Check(file_->pMethods->xWrite(file_, &page_[begin], static_cast<int>(end - begin),
                                offset + static_cast<sqlite3_int64>(begin)));
  return static_cast<std::int64_t>(end - begin);
}

std::int64_t PageScrub::ScrubPage(std::uint32_t page) {
  if (static_cast<std::int64_t>(page - 1) * static_cast<std::int64_t>(page_bytes_) == kLockByte) return 0;
  Read(page);
  if (free_[page] && !trunks_[page]) return Clear(page, 0, page_bytes_);
  if (trunks_[page]) {
    const std::size_t used = 8 + 4 * std::size_t{Number(&page_[4], 4)};
    return used < page_bytes_ ? Clear(page, used, page_bytes_) : 0;
  }
  const std::size_t header = page == 1 ? kFileHeaderBytes : 0;
  const unsigned char type = page_[header];
  if (!IsLeaf(type) && !IsInterior(type)) return 0;  // an overflow page
  const std::size_t cells = Number(&page_[header + 3], 2);
  const std::size_t content = Number(&page_[header + 5], 2);
  const std::size_t begin = header + (IsLeaf(type) ? 8 : 12) + 2 * cells;
  const std::size_t end = content == 0 ? 65536 : content;
  if (begin >= end || end > usable_bytes_) return 0;
  return Clear(page, begin, end);
}

void PageScrub::Check(int code) const {
  if (code != SQLITE_OK) throw SQLite::Exception(db_, code);
}

}  // namespace portal::store
