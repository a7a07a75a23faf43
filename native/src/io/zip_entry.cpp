#include <zlib.h>

#include <algorithm>
#include <vector>

#include "io/header_checks.h"
#include "io/zip.h"
#include "runtime/thread_pool.h"

namespace mlx::core::io {
namespace {

/// What zlib's counters of 32 bits take at once.
constexpr size_t chunk_bytes = size_t(1) << 18;

uint32_t checksum(const void* data, size_t bytes, uint32_t before = 0) {
  return uint32_t(crc32_z(before, static_cast<const Bytef*>(data), bytes));
}

class ZipEntrySource : public ByteSource {
 public:
  ZipEntrySource(std::shared_ptr<const ByteSource> archive, ZipEntry entry)
      : archive_(std::move(archive)),
        entry_(std::move(entry)),
        name_(archive_->name() + " (" + io::quoted(entry_.name) + ")") {}

  const std::string& name() const override { return name_; }
  uint64_t size() const override { return entry_.bytes; }

 protected:
  [[noreturn]] void fail(const std::string& fault) const {
    throw_unsound("load", name_, "ZIP", fault);
  }
  void compare(uint32_t crc) const {
    if (crc != entry_.crc) fail("its bytes don't give its checksum");
  }

  std::shared_ptr<const ByteSource> archive_;
  ZipEntry entry_;
  std::string name_;
};

/// Bytes that stand in the archive as they are.
class StoredEntry : public ZipEntrySource {
 public:
  using ZipEntrySource::ZipEntrySource;

  void read(uint64_t offset, void* out, size_t bytes) const override {
    archive_->read(entry_.data_offset + offset, out, bytes);
  }

  void read_array(uint64_t offset, void* out, size_t bytes) const override {
    archive_->read_array(entry_.data_offset + offset, out, bytes);
    if (offset + bytes == entry_.bytes) compare(checksum_to_end(offset, out, bytes));
  }

 private:
  uint32_t checksum_to_end(uint64_t offset, const void* data, size_t bytes) const {
    std::vector<uint32_t> parts((bytes + bytes_per_read - 1) / bytes_per_read);
    parallel_for(bytes, bytes_per_read, [&](size_t begin, size_t end) {
      parts[begin / bytes_per_read] = checksum(static_cast<const char*>(data) + begin, end - begin);
    });
    uint32_t crc = 0;
    std::vector<char> buffer(std::min<uint64_t>(offset, chunk_bytes));
    for (uint64_t at = 0; at < offset; at += buffer.size()) {
      size_t count = std::min<uint64_t>(offset - at, buffer.size());
      read(at, buffer.data(), count);
      crc = checksum(buffer.data(), count, crc);
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      size_t count = std::min(bytes - i * bytes_per_read, bytes_per_read);
      crc = uint32_t(crc32_combine(crc, parts[i], z_off_t(count)));
    }
    return crc;
  }
};

/// Inflates an entry from its begin on.
class Inflater {
 public:
  Inflater(const ByteSource& archive, const ZipEntry& entry)
      : archive_(archive),
        entry_(entry),
        buffer_(std::min<uint64_t>(chunk_bytes, std::max<uint64_t>(entry.stored_bytes, 1))) {
    // Negative: no header of zlib's own.
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK)
      throw EngineError("[load] Out of memory for reading " + archive.name() + ".");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// False where the bytes are no deflated data or end too early.
  bool read(void* out, size_t bytes) {
    auto* to = static_cast<Bytef*>(out);
    while (bytes > 0) {
      size_t count = std::min(bytes, chunk_bytes);
      if (!inflate_chunk(to, count)) return false;
      crc_ = checksum(to, count, crc_);
      to += count;
      bytes -= count;
    }
    return true;
  }

  uint32_t crc() const { return crc_; }

 private:
  bool inflate_chunk(Bytef* out, size_t bytes) {
    stream_.next_out = out;
    stream_.avail_out = uInt(bytes);
    while (stream_.avail_out > 0) {
      if (stream_.avail_in == 0 && consumed_ < entry_.stored_bytes) refill();
      uInt before = stream_.avail_out;
      int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_MEM_ERROR)
        throw EngineError("[load] Out of memory for reading " + archive_.name() + ".");
      bool is_stuck =
          stream_.avail_in == 0 && consumed_ == entry_.stored_bytes && stream_.avail_out == before;
      if (stream_.avail_out > 0 && (status != Z_OK || is_stuck)) return false;
      if (status != Z_OK && status != Z_STREAM_END) return false;
    }
    return true;
  }

  void refill() {
    size_t count = std::min<uint64_t>(buffer_.size(), entry_.stored_bytes - consumed_);
    archive_.read(entry_.data_offset + consumed_, buffer_.data(), count);
    consumed_ += count;
    stream_.next_in = buffer_.data();
    stream_.avail_in = uInt(count);
  }

  const ByteSource& archive_;
  const ZipEntry& entry_;
  std::vector<Bytef> buffer_;
  z_stream stream_{};
  uint64_t consumed_ = 0;
  uint32_t crc_ = 0;
};

/// Deflated bytes. Each reading begins at the entry's begin.
class DeflatedEntry : public ZipEntrySource {
 public:
  using ZipEntrySource::ZipEntrySource;

  void read(uint64_t offset, void* out, size_t bytes) const override {
    Inflater inflater(*archive_, entry_);
    std::vector<char> skipped(std::min<uint64_t>(offset, chunk_bytes));
    for (uint64_t left = offset; left > 0;) {
      size_t count = std::min<uint64_t>(left, skipped.size());
      read_from(inflater, skipped.data(), count);
      left -= count;
    }
    read_from(inflater, out, bytes);
    if (offset + bytes == entry_.bytes) compare(inflater.crc());
  }

  void read_array(uint64_t offset, void* out, size_t bytes) const override {
    read(offset, out, bytes);
  }

 private:
  void read_from(Inflater& inflater, void* out, size_t bytes) const {
    if (!inflater.read(out, bytes)) fail("its deflated bytes are broken");
  }
};

}  // namespace

std::shared_ptr<const ByteSource> open_zip_entry(std::shared_ptr<const ByteSource> archive,
                                                 ZipEntry entry) {
  if (!entry.fault.empty())
    throw_unsupported("load", archive->name(), "the entry ", quoted(entry.name), " ", entry.fault);
  if (entry.is_deflated)
    return std::make_shared<DeflatedEntry>(std::move(archive), std::move(entry));
  return std::make_shared<StoredEntry>(std::move(archive), std::move(entry));
}

}  // namespace mlx::core::io
