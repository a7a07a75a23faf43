#pragma once

#include <memory>
#include <span>
#include <vector>

#include "gpu/hal.h"

namespace mlx::core::gpu {

/// Compiles each source by the device, on up to so many threads at once. Throws the first error.
std::vector<std::shared_ptr<const Kernel>> compile_many(Device& device,
                                                        std::span<const KernelSource> sources,
                                                        size_t most_threads);

}  // namespace mlx::core::gpu
