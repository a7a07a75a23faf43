#pragma once

#include <atomic>
#include <cstddef>

#include "mlx/api.h"

namespace mlx::core {
class DeviceSide;
}

namespace mlx::core::allocator {

/// The part of a buffer's record that is read inline.
struct BufferRecord {
  /// The bytes on the host. Where a GPU had to do with the buffer they may be old, or null.
  void* data = nullptr;
  /// What the GPU has of it; null for most.
  std::atomic<DeviceSide*> device{nullptr};
};

/// A handle on memory from the allocator, as cheap to copy as a pointer. It owns nothing.
class MLX_API Buffer {
 public:
  explicit Buffer(void* ptr) : ptr_(ptr) {}

  /// The bytes on the host, 64-byte aligned (2 MiB-aligned from 2 MiB on) unless they are foreign.
  /// Fetches them from the GPU if it has newer ones; who may write makes those invalid.
  void* raw_ptr();
  const void* raw_ptr() const;

  /// The allocator's own record of the buffer; null for no buffer.
  void* ptr() { return ptr_; }
  const void* ptr() const { return ptr_; }
  BufferRecord* record() const { return static_cast<BufferRecord*>(ptr_); }

 private:
  void* ptr_;
};

class MLX_API Allocator {
 public:
  Allocator() = default;
  virtual ~Allocator() = default;
  Allocator(const Allocator&) = delete;
  Allocator(Allocator&&) = delete;
  Allocator& operator=(const Allocator&) = delete;
  Allocator& operator=(Allocator&&) = delete;

  /// Uninitialised memory of at least `size` bytes; zero gives a valid buffer too. Throws
  /// EngineError when the memory limit or the system doesn't allow it.
  virtual Buffer malloc(size_t size) = 0;
  /// Gives the buffer back, on any thread. Does nothing for a null buffer.
  virtual void free(Buffer buffer) = 0;
  /// The bytes that the buffer holds; 0 for a null buffer. One that was used before may hold more
  /// than was asked for.
  virtual size_t size(Buffer buffer) const = 0;
  /// Wraps foreign memory without copying it; a null pointer gives a null buffer.
  virtual Buffer make_buffer(void* ptr, size_t size) = 0;
  /// Ends what make_buffer began; the foreign memory stays its owner's.
  virtual void release(Buffer buffer) = 0;
};

/// The allocator of this process.
MLX_API Allocator& allocator();

/// Whether make_buffer can wrap the memory.
inline bool can_reuse_alien_buffer(void* ptr) { return ptr != nullptr; }

inline Buffer malloc(size_t size) { return allocator().malloc(size); }
inline void free(Buffer buffer) { allocator().free(buffer); }
inline Buffer make_buffer(void* ptr, size_t size) { return allocator().make_buffer(ptr, size); }
inline void release(Buffer buffer) { allocator().release(buffer); }

}  // namespace mlx::core::allocator
