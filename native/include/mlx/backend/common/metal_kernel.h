#pragma once

namespace mlx::core {

/// How exactly a Metal kernel computes.
enum class MathMode {
  Safe = 0,
  Relaxed = 1,
  Fast = 2,
};

/// How a Metal kernel is compiled.
struct CompileOptions {
  MathMode math_mode = MathMode::Safe;

  bool operator==(const CompileOptions&) const = default;
};

}  // namespace mlx::core
