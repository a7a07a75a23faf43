#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "mlx/array.h"
#include "mlx/compile.h"

namespace mlx::core::detail {

/// For bindings: a compiled function under a number of its own, which also depends on constants
/// that are no arrays.
MLX_API std::function<std::vector<array>(const std::vector<array>&)> compile(
    std::function<std::vector<array>(const std::vector<array>&)> fun, std::uintptr_t fun_id,
    bool shapeless = false, std::vector<uint64_t> constants = {});
/// Forgets the traces of one function, or of all.
MLX_API void compile_erase(std::uintptr_t fun_id);
MLX_API void compile_clear_cache();
/// Bytes of the arrays that the calling thread's traces of one function hold.
MLX_API size_t compile_bytes(std::uintptr_t fun_id);
/// Traces that the calling thread keeps.
MLX_API size_t compile_cache_size();
/// A number that no compiled function has yet.
MLX_API std::uintptr_t compile_new_id();
MLX_API CompileMode compile_mode();

struct CompiledCall {
  std::vector<array> outputs;
  /// The number of the trace that gave them; 0 for one that isn't kept.
  uint64_t trace;
};
/// One call of a compiled function.
MLX_API CompiledCall call_compiled(
    const std::function<std::vector<array>(const std::vector<array>&)>& fun, std::uintptr_t fun_id,
    bool shapeless, const std::vector<uint64_t>& constants, const std::vector<array>& inputs);
/// The numbers of the traces that the calling thread dropped since it was asked last.
MLX_API std::vector<uint64_t> take_dropped_traces();

}  // namespace mlx::core::detail
