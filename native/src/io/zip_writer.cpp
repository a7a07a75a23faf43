#include "io/zip_writer.h"

#include <zlib.h>

#include <algorithm>

#include "io/little_endian.h"
#include "mlx/errors.h"

namespace mlx::core::io {

using namespace zip;

namespace {

/// The versions of the format that have deflation, and that have numbers of 64 bits.
constexpr uint16_t deflation_version = 20;
constexpr uint16_t zip64_version = 45;
/// The system whose permissions stand in the directory.
constexpr uint16_t made_on_unix = 3 << 8;
/// The format's first day.
constexpr uint16_t first_date = 1 << 5 | 1;
constexpr uint32_t owner_may_write = 0600u << 16;
constexpr uint64_t most_in_32_bits = 0x7fffffff;
constexpr uint64_t most_entries = 0xffff;
constexpr size_t chunk_bytes = size_t(1) << 18;

bool has_large_size(const ZipEntry& entry) {
  return std::max(entry.bytes, entry.stored_bytes) > most_in_32_bits;
}

/// Version, flags, method, time, date and checksum, as both headers of an entry have them.
void append_common(std::string& header, const ZipEntry& entry, uint16_t version) {
  bool is_ascii =
      std::all_of(entry.name.begin(), entry.name.end(), [](char c) { return (c & 0x80) == 0; });
  append_little_endian<uint16_t>(header, version);
  append_little_endian<uint16_t>(header, is_ascii ? 0 : utf8_flag);
  append_little_endian<uint16_t>(header, entry.is_deflated ? deflated : stored);
  append_little_endian<uint16_t>(header, 0);
  append_little_endian<uint16_t>(header, first_date);
  append_little_endian<uint32_t>(header, entry.crc);
}

void append_sizes(std::string& header, const ZipEntry& entry) {
  bool is_large = has_large_size(entry);
  for (uint64_t bytes : {entry.stored_bytes, entry.bytes})
    append_little_endian<uint32_t>(header, is_large ? in_zip64_field : uint32_t(bytes));
}

}  // namespace

struct ZipWriter::EntrySink::Deflater {
  z_stream stream{};
  std::vector<Bytef> buffer = std::vector<Bytef>(chunk_bytes);

  Deflater() {
    constexpr int memory_level = 8;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw EngineError("[savez] Out of memory for compressing.");
  }
  ~Deflater() { deflateEnd(&stream); }

  /// Deflates what next_in names; returns the bytes that came out.
  uint64_t run(AtomicFile& file, int flush) {
    uint64_t written = 0;
    do {
      stream.next_out = buffer.data();
      stream.avail_out = uInt(buffer.size());
      deflate(&stream, flush);
      size_t count = buffer.size() - stream.avail_out;
      file.write(buffer.data(), count);
      written += count;
    } while (stream.avail_out == 0);
    return written;
  }
};

ZipWriter::EntrySink::EntrySink(AtomicFile& file, ZipEntry& entry) : file_(file), entry_(entry) {
  if (entry.is_deflated) deflater_ = std::make_unique<Deflater>();
}

ZipWriter::EntrySink::~EntrySink() = default;

void ZipWriter::EntrySink::write(const void* data, size_t bytes) {
  auto* from = static_cast<const Bytef*>(data);
  entry_.bytes += bytes;
  // In chunks, so that each is in the cache when it is written.
  while (bytes > 0) {
    size_t count = std::min(bytes, chunk_bytes);
    entry_.crc = uint32_t(crc32_z(entry_.crc, from, count));
    if (deflater_) {
      deflater_->stream.next_in = const_cast<Bytef*>(from);
      deflater_->stream.avail_in = uInt(count);
      entry_.stored_bytes += deflater_->run(file_, Z_NO_FLUSH);
    } else {
      file_.write(from, count);
      entry_.stored_bytes += count;
    }
    from += count;
    bytes -= count;
  }
}

void ZipWriter::EntrySink::finish() {
  if (deflater_) entry_.stored_bytes += deflater_->run(file_, Z_FINISH);
}

void ZipWriter::begin(std::string name) {
  entries_.push_back({std::move(name), {}, is_deflated_, 0, 0, 0, file_.position(), 0});
  std::string header = local_header(entries_.back());
  file_.write(std::string_view(header));
}

void ZipWriter::end() {
  // Only now are the sizes known.
  std::string header = local_header(entries_.back());
  file_.overwrite(entries_.back().header_offset, header.data(), header.size());
}

std::string ZipWriter::local_header(const ZipEntry& entry) const {
  std::string header;
  append_little_endian<uint32_t>(header, local_signature);
  append_common(header, entry, has_large_size(entry) ? zip64_version : deflation_version);
  append_sizes(header, entry);
  append_little_endian<uint16_t>(header, uint16_t(entry.name.size()));
  append_little_endian<uint16_t>(header, 20);
  header += entry.name;
  append_little_endian<uint16_t>(header, zip64_field);
  append_little_endian<uint16_t>(header, 16);
  append_little_endian<uint64_t>(header, entry.bytes);
  append_little_endian<uint64_t>(header, entry.stored_bytes);
  return header;
}

std::string ZipWriter::directory_record(const ZipEntry& entry) const {
  std::string field;
  bool has_large_offset = entry.header_offset > most_in_32_bits;
  if (has_large_size(entry)) {
    append_little_endian<uint64_t>(field, entry.bytes);
    append_little_endian<uint64_t>(field, entry.stored_bytes);
  }
  if (has_large_offset) append_little_endian<uint64_t>(field, entry.header_offset);

  std::string record;
  append_little_endian<uint32_t>(record, entry_signature);
  uint16_t version = field.empty() ? deflation_version : zip64_version;
  append_little_endian<uint16_t>(record, made_on_unix | version);
  append_common(record, entry, version);
  append_sizes(record, entry);
  append_little_endian<uint16_t>(record, uint16_t(entry.name.size()));
  append_little_endian<uint16_t>(record, field.empty() ? 0 : uint16_t(4 + field.size()));
  // No comment, the first disk, no internal attributes.
  record.append(6, '\0');
  append_little_endian<uint32_t>(record, owner_may_write);
  append_little_endian<uint32_t>(record,
                                 has_large_offset ? in_zip64_field : uint32_t(entry.header_offset));
  record += entry.name;
  if (!field.empty()) {
    append_little_endian<uint16_t>(record, zip64_field);
    append_little_endian<uint16_t>(record, uint16_t(field.size()));
    record += field;
  }
  return record;
}

void ZipWriter::finish() {
  uint64_t offset = file_.position();
  std::string directory;
  for (auto& entry : entries_) directory += directory_record(entry);
  uint64_t bytes = directory.size(), count = entries_.size();

  if (count > most_entries || std::max(offset, bytes) > most_in_32_bits) {
    append_little_endian<uint32_t>(directory, zip64_end_signature);
    // The record's bytes that follow this number.
    append_little_endian<uint64_t>(directory, zip64_end_bytes - 12);
    append_little_endian<uint16_t>(directory, zip64_version);
    append_little_endian<uint16_t>(directory, zip64_version);
    append_little_endian<uint64_t>(directory, 0);
    append_little_endian<uint64_t>(directory, count);
    append_little_endian<uint64_t>(directory, count);
    append_little_endian<uint64_t>(directory, bytes);
    append_little_endian<uint64_t>(directory, offset);
    append_little_endian<uint32_t>(directory, zip64_locator_signature);
    append_little_endian<uint32_t>(directory, 0);
    append_little_endian<uint64_t>(directory, offset + bytes);
    append_little_endian<uint32_t>(directory, 1);
  }
  uint16_t short_count = uint16_t(std::min(count, most_entries));
  append_little_endian<uint32_t>(directory, end_signature);
  append_little_endian<uint32_t>(directory, 0);
  append_little_endian<uint16_t>(directory, short_count);
  append_little_endian<uint16_t>(directory, short_count);
  append_little_endian<uint32_t>(directory, uint32_t(std::min<uint64_t>(bytes, in_zip64_field)));
  append_little_endian<uint32_t>(directory, uint32_t(std::min<uint64_t>(offset, in_zip64_field)));
  append_little_endian<uint16_t>(directory, 0);
  file_.write(std::string_view(directory));
}

}  // namespace mlx::core::io
