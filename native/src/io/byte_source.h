#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace mlx::core::io {

/// Bytes at offsets: a file, a caller's reader, or a member of an archive. Reading is safe from
/// several threads. Failures are EngineErrors that name the source.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual const std::string& name() const = 0;
  virtual uint64_t size() const = 0;
  /// Exactly those bytes.
  virtual void read(uint64_t offset, void* out, size_t bytes) const = 0;
  /// The same for the many bytes of an array, on several threads where that is faster.
  virtual void read_array(uint64_t offset, void* out, size_t bytes) const;
};

/// Bytes a thread reads at once, which is much more than it costs to begin.
inline constexpr size_t bytes_per_read = size_t(8) << 20;

}  // namespace mlx::core::io
