#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mlx::core::io {

/// A regular file that is open for reading, from several threads if need be. It stays readable
/// when the name is deleted or given to another file. Failures are EngineErrors naming the file.
class FileReader {
 public:
  explicit FileReader(std::string name);
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  const std::string& name() const { return name_; }
  uint64_t size() const { return size_; }
  /// Exactly those bytes.
  void read(uint64_t offset, void* out, size_t bytes) const;

 private:
  std::string name_;
  uint64_t size_;
  int descriptor_;
};

}  // namespace mlx::core::io
