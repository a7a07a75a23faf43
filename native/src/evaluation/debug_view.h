#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "evaluation/fused_buffers.h"
#include "evaluation/fused_program.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// MLX_DEBUG: 0 says nothing, 1 prints each kernel that is evaluated with shapes, dtypes, time and
/// bytes, 2 also the programs of fused kernels, 3 also the entry of each kernel a GPU compiles.
int debug_level();

/// Prints to the standard error at once, so that what several threads print doesn't mix.
void print_debug(const std::string& text);

/// Times one kernel, and prints a line about it to the standard error. A GPU's queue then comes to
/// its end before and after each, or the time would be that of putting it in.
class DebugTimer {
 public:
  DebugTimer() {
    if (is_on()) begin();
  }
  bool is_on() const { return debug_level() > 0; }
  void report(Primitive& primitive, const std::vector<array>& inputs,
              const std::vector<array>& outputs) const;
  void report(const FusedProgram& program, const Device& device, std::span<const FusedInput> inputs,
              std::span<const FusedOutput> outputs) const;

 private:
  void begin();
  double milliseconds() const;

  std::chrono::steady_clock::time_point begin_;
};

}  // namespace mlx::core
