#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mlx/mlx.h"

namespace mlx::core::gpu {

/// While it lives the test device is the GPU, and what names no stream goes to it.
class OnTestDevice {
 public:
  OnTestDevice();
  ~OnTestDevice();
  OnTestDevice(const OnTestDevice&) = delete;
  OnTestDevice& operator=(const OnTestDevice&) = delete;

 private:
  mlx::core::Device previous_;
};

using Operation = std::function<std::vector<array>(const std::vector<array>&)>;

/// Checks that an operation gives on the test device what it gives on the CPU: the same bits, or,
/// with a tolerance, floats whose differences are at most so many units in the last place of the
/// result's largest magnitude.
void check_on_both(const std::string& name, const std::vector<array>& inputs,
                   const Operation& operation, double tolerance = 0);

/// Numbers of about 1 in any dtype, the same for the same seed.
array some_values(const Shape& shape, Dtype dtype, unsigned seed);

}  // namespace mlx::core::gpu
