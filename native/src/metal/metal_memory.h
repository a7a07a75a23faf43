#pragma once

#include <cstdint>
#include <map>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "metal/objective_c.h"

namespace mlx::core::metal {

/// Memory that the host and the device both see: chunks of the host's, with a buffer over each.
/// Small pieces share chunks, since a process may only have so many buffers. An address stands for
/// the memory everywhere; only binding it to a kernel needs the buffer.
class SharedMemory {
 public:
  SharedMemory(const ObjectiveC& objc, Id device, size_t most_resources);
  ~SharedMemory();

  /// `alignment` is a power of two, from 64 to 2 MiB. Null when the system or the device has no
  /// more.
  void* allocate(size_t bytes, size_t alignment);
  /// `bytes` and `alignment` as they were asked for. No buffer may be in use by the device.
  void free(void* address, size_t bytes, size_t alignment);

  struct Place {
    Id buffer = nullptr;
    size_t offset = 0;
  };
  /// Where an address lies; no buffer when the memory is none of ours.
  Place find(const void* address) const;

  /// Keeps up to so many bytes from leaving the machine's memory, which macOS 15 can. The set that
  /// does is for queues; null where there is none.
  void set_wired_limit(size_t bytes);
  Id residency_set() const { return residency_set_.get(); }

 private:
  struct Chunk {
    char* begin;
    size_t bytes;
    Owned buffer;
    bool is_wired = false;
  };

  Chunk* add_chunk(size_t bytes);
  void remove_chunk(const void* begin);
  void wire(Chunk& chunk);

  const ObjectiveC& objc_;
  Id device_;
  size_t most_resources_;
  Owned residency_set_;
  size_t wired_limit_ = 0, wired_ = 0;

  mutable std::shared_mutex mutex_;
  /// By the address of their begin.
  std::map<uintptr_t, Chunk> chunks_;
  /// Freed pieces by size and alignment, and where the next one is cut.
  std::unordered_map<size_t, std::vector<void*>> pieces_;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace mlx::core::metal
