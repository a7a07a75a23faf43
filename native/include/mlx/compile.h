#pragma once

#include <functional>
#include <type_traits>
#include <vector>

#include "mlx/array.h"

namespace mlx::core {

/// What compiling does to functions. `no_simplify` only records, `no_fuse` leaves each elementwise
/// operation by itself, `disabled` calls the functions as they are.
enum class CompileMode { disabled, no_simplify, no_fuse, enabled };

/// A function that gives fun's results without calling it again: it is traced once for each
/// combination of the inputs' shapes and dtypes. Equal operations run once, unneeded ones never,
/// and what depends on no input is computed once. fun must depend on its inputs alone, and not on
/// their values; arrays that it captures are constants. With `shapeless`, a trace also serves other
/// sizes of the inputs, unless it turns out that sizes became part of it.
///
/// Traces are kept for the calling thread, the latest 1,024 of all functions.
MLX_API std::function<std::vector<array>(const std::vector<array>&)> compile(
    std::function<std::vector<array>(const std::vector<array>&)> fun, bool shapeless = false);
MLX_API std::function<std::vector<array>(const std::vector<array>&)> compile(
    std::vector<array> (*fun)(const std::vector<array>&), bool shapeless = false);
/// For lambdas without captures.
template <typename F>
  requires requires(F f) { +f; }
std::function<std::vector<array>(const std::vector<array>&)> compile(F&& f,
                                                                     bool shapeless = false) {
  return compile(+f, shapeless);
}

/// Globally, for compiled functions that exist as well. The environment variable
/// MLX_DISABLE_COMPILE starts with `disabled`.
MLX_API void disable_compile();
MLX_API void enable_compile();
MLX_API void set_compile_mode(CompileMode mode);

}  // namespace mlx::core
