#pragma once

#include <memory>
#include <mutex>

#include "io/byte_sink.h"
#include "io/byte_source.h"
#include "mlx/io/load.h"

namespace mlx::core::io {

/// A caller's reader, from the place where it stands.
class ReaderSource : public ByteSource {
 public:
  explicit ReaderSource(std::shared_ptr<Reader> reader);

  const std::string& name() const override { return name_; }
  uint64_t size() const override { return size_; }
  void read(uint64_t offset, void* out, size_t bytes) const override;
  void read_array(uint64_t offset, void* out, size_t bytes) const override {
    read(offset, out, bytes);
  }

 private:
  std::shared_ptr<Reader> reader_;
  mutable std::mutex mutex_;
  std::string name_;
  uint64_t begin_, size_;
};

/// A caller's writer.
class WriterSink : public ByteSink {
 public:
  explicit WriterSink(std::shared_ptr<Writer> writer);

  void write(const void* data, size_t bytes) override;

 private:
  std::shared_ptr<Writer> writer_;
};

}  // namespace mlx::core::io
