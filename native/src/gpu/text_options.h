#pragma once

#include <string>
#include <string_view>

#include "gpu/hal.h"
#include "mlx/backend/common/metal_kernel.h"

namespace mlx::core::gpu {

// What a kernel's text says about how it is to be compiled, in its first lines, as pragmas that
// compilers pass over. Only texts of callers say anything.

/// It is written for the device's own compiler, with its headers if there are any.
constexpr std::string_view native_pragma = "#pragma mlx native\n";
constexpr std::string_view relaxed_pragma = "#pragma mlx math relaxed\n";
constexpr std::string_view fast_pragma = "#pragma mlx math fast\n";

inline std::string_view pragma_of(MathMode mode) {
  return mode == MathMode::Safe ? "" : mode == MathMode::Relaxed ? relaxed_pragma : fast_pragma;
}

inline bool is_native(const KernelSource& source) {
  return source.bodies.starts_with(native_pragma);
}
inline MathMode math_mode(const KernelSource& source) {
  if (source.bodies.starts_with(relaxed_pragma)) return MathMode::Relaxed;
  return source.bodies.starts_with(fast_pragma) ? MathMode::Fast : MathMode::Safe;
}

/// Its bodies are compiled already, and it has no entry.
inline bool is_binary(const KernelSource& source) { return source.entry.empty(); }

}  // namespace mlx::core::gpu
