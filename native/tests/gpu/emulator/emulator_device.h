#pragma once

#include <memory>

#include "gpu/hal.h"

namespace mlx::core::gpu::emulator {

/// A device in the host's memory that runs the kernels' very text, compiled by the host's C++
/// compiler. Its addresses are tagged: who reads them without copy_out faults. What a GPU may not
/// do, or need not do as it was meant, is an error: fibers.h says what of a kernel; memory that
/// another queue used is to be waited for, and must not be freed before.
std::unique_ptr<Device> make_device();

/// Whether this machine has a C++ compiler that it can use.
bool is_available();

}  // namespace mlx::core::gpu::emulator
