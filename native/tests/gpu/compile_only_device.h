#pragma once

#include <memory>
#include <string>

#include "gpu/hal.h"

namespace mlx::core::gpu {

/// A device that computes nothing: every CUDA kernel that the tests ask for is compiled by NVRTC
/// for cards of several generations, on machines without a card. Null where there is no NVRTC.
std::unique_ptr<Device> make_compile_only_device();

/// The same for Metal: every kernel's text goes into a file of the folder, for Apple's compiler.
std::unique_ptr<Device> make_metal_text_device(const std::string& folder);

}  // namespace mlx::core::gpu
