#pragma once

#include <cstddef>
#include <cstdint>

#include "mlx/allocator.h"

namespace mlx::core::cpu {

/// Uninitialised memory for the length of a scope, from the engine's allocator: it reuses buffers,
/// so that a kernel doesn't wait for fresh pages, and counts them.
template <typename T>
class Scratch {
 public:
  explicit Scratch(int64_t count) : buffer_(allocator::malloc(size_t(count) * sizeof(T))) {}
  ~Scratch() { allocator::free(buffer_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  T* data() { return static_cast<T*>(buffer_.raw_ptr()); }

 private:
  allocator::Buffer buffer_;
};

}  // namespace mlx::core::cpu
