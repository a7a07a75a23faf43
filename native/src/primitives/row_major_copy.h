#pragma once

#include "mlx/array.h"
#include "mlx/device.h"

namespace mlx::core {

// Each backend's copy of a's values in row-major order, into a buffer that out gets. The shape of
// out may be another of the same size.
namespace cpu {
void copy_row_major(const array& a, array& out);
}
namespace gpu {
void copy_row_major(const array& a, array& out);
}

inline void copy_row_major(const Device& device, const array& a, array& out) {
  device == Device::cpu ? cpu::copy_row_major(a, out) : gpu::copy_row_major(a, out);
}

}  // namespace mlx::core
