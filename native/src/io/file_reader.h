#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/byte_source.h"

namespace mlx::core::io {

/// A regular file that is open for reading. It stays readable when the name is deleted or given to
/// another file.
class FileReader : public ByteSource {
 public:
  /// The file of a name: the reader that has it open already, or a new one. Throws EngineError.
  static std::shared_ptr<const FileReader> open(const std::string& name,
                                                std::string_view operation = "load");

  ~FileReader() override;
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  const std::string& name() const override { return name_; }
  uint64_t size() const override { return size_; }
  void read(uint64_t offset, void* out, size_t bytes) const override;

 private:
  FileReader(std::string name, int descriptor) : name_(std::move(name)), descriptor_(descriptor) {}

  std::string name_;
  uint64_t size_ = 0;
  int descriptor_;
};

}  // namespace mlx::core::io
