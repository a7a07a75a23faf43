#pragma once

#include <string>
#include <vector>

#include "io/atomic_file.h"
#include "io/zip.h"

namespace mlx::core::io {

/// Writes an archive the way NumPy does: each local header has room for sizes of 64 bits, because
/// it is written before they are known, and there are no times.
class ZipWriter {
 public:
  /// Deflated at zlib's usual level, or stored.
  ZipWriter(AtomicFile& file, bool deflated) : file_(file), is_deflated_(deflated) {}

  /// Adds an entry of whatever `write(sink)` writes.
  template <typename Write>
  void add(std::string name, Write&& write) {
    begin(std::move(name));
    EntrySink sink(file_, entries_.back());
    write(static_cast<ByteSink&>(sink));
    sink.finish();
    end();
  }

  /// Writes the directory, after all entries.
  void finish();

 private:
  /// Deflates and counts an entry's bytes.
  class EntrySink : public ByteSink {
   public:
    EntrySink(AtomicFile& file, ZipEntry& entry);
    ~EntrySink() override;
    EntrySink(const EntrySink&) = delete;
    EntrySink& operator=(const EntrySink&) = delete;

    void write(const void* data, size_t bytes) override;
    void finish();

   private:
    struct Deflater;

    AtomicFile& file_;
    ZipEntry& entry_;
    std::unique_ptr<Deflater> deflater_;
  };

  void begin(std::string name);
  void end();
  std::string local_header(const ZipEntry& entry) const;
  std::string directory_record(const ZipEntry& entry) const;

  AtomicFile& file_;
  bool is_deflated_;
  std::vector<ZipEntry> entries_;
};

}  // namespace mlx::core::io
