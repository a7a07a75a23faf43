#pragma once

#include <cstddef>

namespace mlx::core {

/// Memory of a GPU that shares the host's: what lies in its chunks can be used by both.
class MemorySource {
 public:
  virtual ~MemorySource() = default;

  /// Null when there is no more. The alignment is a power of two from 64 to 2 MiB.
  virtual void* allocate(size_t bytes, size_t alignment) = 0;
  /// With the size and alignment that were asked for.
  virtual void free(void* address, size_t bytes, size_t alignment) = 0;
  /// Whether the device can use what lies there.
  virtual bool holds(const void* address) const = 0;
  /// Bytes that are to stay in the machine's memory.
  virtual void set_wired_limit(size_t bytes) = 0;
};

/// This process's; null where the GPU, if any, has memory of its own. The same ever after.
MemorySource* memory_source();

}  // namespace mlx::core
