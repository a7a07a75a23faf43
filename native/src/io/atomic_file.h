#pragma once

#include <cstddef>
#include <string>

namespace mlx::core::io {

/// Writes a file under a temporary name beside it, so that others see the old contents or all of
/// the new ones. Failures are EngineErrors naming the file.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& name);
  /// Without a commit, nothing is left behind.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, size_t bytes);
  /// Puts the file in its place.
  void commit();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string name_, temporary_name_;
  int descriptor_ = -1;
};

}  // namespace mlx::core::io
