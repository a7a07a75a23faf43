#pragma once

#include "io/byte_source.h"

namespace mlx::core::io {

/// A regular file that is open for reading. It stays readable when the name is deleted or given to
/// another file.
class FileReader : public ByteSource {
 public:
  explicit FileReader(std::string name);
  ~FileReader() override;
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  const std::string& name() const override { return name_; }
  uint64_t size() const override { return size_; }
  void read(uint64_t offset, void* out, size_t bytes) const override;

 private:
  std::string name_;
  uint64_t size_;
  int descriptor_;
};

}  // namespace mlx::core::io
