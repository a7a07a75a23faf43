#pragma once

#include <cstddef>
#include <memory>

#include "cpu/fft/line_plan.h"

namespace mlx::core::cpu {

// Plans of the lengths used last, shared by all threads. A plan outlives its place in the cache for
// as long as a transform uses it.

std::shared_ptr<const LinePlan> line_plan(size_t length);
std::shared_ptr<const SpectrumPlan> spectrum_plan(size_t m);

}  // namespace mlx::core::cpu
