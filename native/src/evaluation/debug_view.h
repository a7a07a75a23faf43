#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "evaluation/fused_buffers.h"
#include "evaluation/fused_program.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// MLX_DEBUG: 0 says nothing, 1 prints each kernel that is evaluated with shapes, dtypes, time and
/// bytes, 2 also the programs of fused kernels.
int debug_level();

/// Times one kernel, and prints a line about it to the standard error.
class DebugTimer {
 public:
  DebugTimer() {
    if (is_on()) begin_ = std::chrono::steady_clock::now();
  }
  bool is_on() const { return debug_level() > 0; }
  void report(Primitive& primitive, const std::vector<array>& inputs,
              const std::vector<array>& outputs) const;
  void report(const FusedProgram& program, const Device& device, std::span<const FusedInput> inputs,
              std::span<const FusedOutput> outputs) const;

 private:
  double milliseconds() const;

  std::chrono::steady_clock::time_point begin_;
};

}  // namespace mlx::core
