#include <algorithm>

#include "io/header_checks.h"
#include "io/little_endian.h"
#include "io/zip.h"

namespace mlx::core::io {
namespace {

using namespace zip;

/// Bytes that deflation can make of one, at most (RFC 1951: 258 for 2 bits).
constexpr uint64_t most_bytes_a_byte = 1032;
constexpr size_t most_comment_bytes = 65535;

class ZipDirectoryReader {
 public:
  explicit ZipDirectoryReader(const ByteSource& archive) : archive_(archive) {}

  std::vector<ZipEntry> read() {
    find_directory();
    // The file holds it, so it is no larger than that.
    std::vector<uint8_t> directory(directory_bytes_);
    archive_.read(directory_offset_, directory.data(), directory.size());
    std::vector<ZipEntry> entries;
    size_t at = 0;
    while (at < directory.size()) entries.push_back(read_entry(directory, at));
    if (entries.size() != count_)
      fail("its directory has ", entries.size(), " entries instead of ", count_);
    for (auto& entry : entries) find_data(entry);
    check_overlaps(entries);
    return entries;
  }

 private:
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw_unsound("load", archive_.name(), "ZIP", parts...);
  }

  /// The end record stands before a comment of any length at the end of the file.
  void find_directory() {
    uint64_t size = archive_.size();
    if (size < end_bytes) fail("it has ", size, " bytes");
    std::vector<uint8_t> tail(std::min<uint64_t>(size, end_bytes + most_comment_bytes));
    archive_.read(size - tail.size(), tail.data(), tail.size());
    for (size_t at = tail.size() - end_bytes + 1; at-- > 0;) {
      const uint8_t* end = tail.data() + at;
      if (read_little_endian<uint32_t>(end) != end_signature ||
          read_little_endian<uint16_t>(end + 20) != tail.size() - at - end_bytes)
        continue;
      read_end(end, size - tail.size() + at);
      return;
    }
    fail("it has no directory at its end");
  }

  void read_end(const uint8_t* end, uint64_t offset) {
    count_ = read_little_endian<uint16_t>(end + 10);
    directory_bytes_ = read_little_endian<uint32_t>(end + 12);
    directory_offset_ = read_little_endian<uint32_t>(end + 16);
    uint8_t locator[zip64_locator_bytes];
    if (offset >= zip64_locator_bytes) {
      archive_.read(offset - zip64_locator_bytes, locator, zip64_locator_bytes);
      if (read_little_endian<uint32_t>(locator) == zip64_locator_signature) {
        read_zip64_end(read_little_endian<uint64_t>(locator + 8));
        offset -= zip64_locator_bytes;
      }
    }
    if (directory_offset_ > offset || directory_bytes_ > offset - directory_offset_)
      fail("its directory lies outside of it");
  }

  void read_zip64_end(uint64_t offset) {
    uint8_t end[zip64_end_bytes];
    if (archive_.size() < zip64_end_bytes || offset > archive_.size() - zip64_end_bytes)
      fail("its directory lies outside of it");
    archive_.read(offset, end, zip64_end_bytes);
    if (read_little_endian<uint32_t>(end) != zip64_end_signature)
      fail("its directory's end has no signature");
    count_ = read_little_endian<uint64_t>(end + 32);
    directory_bytes_ = read_little_endian<uint64_t>(end + 40);
    directory_offset_ = read_little_endian<uint64_t>(end + 48);
  }

  ZipEntry read_entry(const std::vector<uint8_t>& directory, size_t& at) const {
    const uint8_t* record = directory.data() + at;
    size_t available = directory.size() - at;
    if (available < entry_bytes || read_little_endian<uint32_t>(record) != entry_signature)
      fail("its directory has a broken entry");
    size_t name_bytes = read_little_endian<uint16_t>(record + 28);
    size_t extra_bytes = read_little_endian<uint16_t>(record + 30);
    size_t record_bytes =
        entry_bytes + name_bytes + extra_bytes + read_little_endian<uint16_t>(record + 32);
    if (record_bytes > available) fail("its directory has a broken entry");
    at += record_bytes;

    ZipEntry entry;
    entry.name.assign(reinterpret_cast<const char*>(record) + entry_bytes, name_bytes);
    if (read_little_endian<uint16_t>(record + 8) & encrypted_flag) entry.fault = "is encrypted";
    uint16_t method = read_little_endian<uint16_t>(record + 10);
    if (method != stored && method != deflated)
      entry.fault =
          concat_text("is packed by method ", method, "; known are 0, stored, and 8, deflated");
    entry.is_deflated = method == deflated;
    entry.crc = read_little_endian<uint32_t>(record + 16);
    entry.stored_bytes = read_little_endian<uint32_t>(record + 20);
    entry.bytes = read_little_endian<uint32_t>(record + 24);
    entry.header_offset = read_little_endian<uint32_t>(record + 42);
    entry.data_offset = 0;
    read_zip64_field(entry, record + entry_bytes + name_bytes, extra_bytes);
    check_sizes(entry);
    return entry;
  }

  /// The field has those numbers, in this order, that don't fit the record.
  void read_zip64_field(ZipEntry& entry, const uint8_t* extra, size_t bytes) const {
    while (bytes >= 4) {
      uint16_t kind = read_little_endian<uint16_t>(extra);
      size_t length = read_little_endian<uint16_t>(extra + 2);
      if (length > bytes - 4) return;
      if (kind == zip64_field) {
        const uint8_t* field = extra + 4;
        for (uint64_t* number : {&entry.bytes, &entry.stored_bytes, &entry.header_offset}) {
          if (*number != in_zip64_field) continue;
          if (length < 8) fail("the entry ", quoted(entry.name), " has a broken field of sizes");
          *number = read_little_endian<uint64_t>(field);
          field += 8;
          length -= 8;
        }
        return;
      }
      extra += 4 + length;
      bytes -= 4 + length;
    }
  }

  void check_sizes(const ZipEntry& entry) const {
    if (entry.header_offset > directory_offset_ ||
        entry.stored_bytes > directory_offset_ - entry.header_offset)
      fail("the entry ", quoted(entry.name), " ends outside of the archive");
    if (entry.fault.empty()) check_ratio(entry);
  }

  void check_ratio(const ZipEntry& entry) const {
    if (entry.is_deflated ? entry.bytes / most_bytes_a_byte > entry.stored_bytes
                          : entry.bytes != entry.stored_bytes)
      fail("the entry ", quoted(entry.name), " can't have ", entry.bytes, " bytes in ",
           entry.stored_bytes);
  }

  void find_data(ZipEntry& entry) const {
    uint8_t header[local_bytes];
    if (directory_offset_ - entry.header_offset < local_bytes)
      fail("the entry ", quoted(entry.name), " ends outside of the archive");
    archive_.read(entry.header_offset, header, local_bytes);
    if (read_little_endian<uint32_t>(header) != local_signature)
      fail("the entry ", quoted(entry.name), " has no header");
    entry.data_offset = entry.header_offset + local_bytes +
                        read_little_endian<uint16_t>(header + 26) +
                        read_little_endian<uint16_t>(header + 28);
    if (entry.data_offset > directory_offset_ ||
        entry.stored_bytes > directory_offset_ - entry.data_offset)
      fail("the entry ", quoted(entry.name), " ends outside of the archive");
  }

  void check_overlaps(const std::vector<ZipEntry>& entries) const {
    std::vector<const ZipEntry*> ordered;
    for (auto& entry : entries) ordered.push_back(&entry);
    std::sort(ordered.begin(), ordered.end(),
              [](auto* a, auto* b) { return a->header_offset < b->header_offset; });
    uint64_t end = 0;
    for (auto* entry : ordered) {
      if (entry->header_offset < end) fail("the entry ", quoted(entry->name), " overlaps another");
      end = entry->data_offset + entry->stored_bytes;
    }
  }

  const ByteSource& archive_;
  uint64_t count_ = 0, directory_bytes_ = 0, directory_offset_ = 0;
};

}  // namespace

std::vector<ZipEntry> read_zip_directory(const ByteSource& archive) {
  return ZipDirectoryReader(archive).read();
}

}  // namespace mlx::core::io
