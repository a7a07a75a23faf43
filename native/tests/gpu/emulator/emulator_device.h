#pragma once

#include <memory>

#include "gpu/hal.h"

namespace mlx::core::gpu::emulator {

/// A device in the host's memory that runs the kernels' very text, compiled by the host's C++
/// compiler. Its addresses are tagged: who reads them without copy_out faults.
std::unique_ptr<Device> make_device();

/// Whether this machine has a C++ compiler that it can use. Not in builds with a sanitizer.
bool is_available();

}  // namespace mlx::core::gpu::emulator
