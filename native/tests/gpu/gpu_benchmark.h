#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "gpu_test_device.h"
#include "mlx/dtype.h"

namespace mlx::core::gpu {

/// Prints the median of several rounds of many runs each, so that launches overlap as in use.
void time(const char* name, const std::function<void(TestCommands&)>& run, int runs = 50);

std::unique_ptr<TestMemory> random_memory(Dtype::Val dtype, size_t count);

}  // namespace mlx::core::gpu
