#pragma once

#include <cstdint>
#include <span>

#include "gpu/hal.h"
#include "gpu/kernel_cache.h"
#include "mlx/dtype.h"

namespace mlx::core::gpu {

/// What a family of kernels needs to put work into a queue. The encoder of a stream implements it.
class Commands {
 public:
  virtual ~Commands() = default;

  virtual Device& device() = 0;
  virtual Queue& queue() = 0;
  virtual KernelCache& kernels() = 0;
  /// Memory that is given back once what was put in until the next commit is done.
  virtual Memory scratch(size_t bytes) = 0;

  void launch(const Kernel& kernel, Size3 groups, Size3 threads,
              std::span<const Argument> arguments) {
    queue().launch(kernel, groups, threads, 0, arguments);
  }
};

/// Where an operand begins in the device's memory: at the element whose indices are all zero.
struct Place {
  Memory memory;
  size_t byte_offset = 0;

  Argument read() const { return {memory, byte_offset, Access::read}; }
  Argument write() const { return {memory, byte_offset, Access::write}; }
  Argument update() const { return {memory, byte_offset, Access::both}; }

  Place moved(int64_t bytes) const { return {memory, size_t(int64_t(byte_offset) + bytes)}; }
};

/// Memory that a kernel reads or writes. Strides count elements and may be zero or negative.
struct StridedPlace {
  Place place;
  Dtype::Val dtype;
  std::span<const int32_t> shape;
  std::span<const int64_t> strides;
};

}  // namespace mlx::core::gpu
