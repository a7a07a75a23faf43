#pragma once

#include <cstdint>
#include <string>

#include "io/byte_sink.h"

namespace mlx::core::io {

/// Writes a file under a temporary name beside it, so that others see the old contents or all of
/// the new ones. Failures are EngineErrors naming the file.
class AtomicFile : public ByteSink {
 public:
  /// The operation is the one that errors name.
  AtomicFile(std::string operation, const std::string& name);
  /// Without a commit, nothing is left behind.
  ~AtomicFile() override;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  using ByteSink::write;
  void write(const void* data, size_t bytes) override;
  /// Bytes written so far: where the next ones go.
  uint64_t position() const { return position_; }
  /// Writes over bytes that were written before.
  void overwrite(uint64_t offset, const void* data, size_t bytes);
  /// Puts the file in its place once its bytes are on the disk.
  void commit();

 private:
  void discard();
  [[noreturn]] void fail(const char* what) const;

  std::string operation_, name_, temporary_name_;
  int descriptor_ = -1;
  uint64_t position_ = 0;
};

}  // namespace mlx::core::io
