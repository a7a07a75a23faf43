#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "mlx/array.h"

namespace mlx::core {

/// Schedules the arrays' graphs and returns; errors surface at whoever waits.
MLX_API void async_eval(std::vector<array> outputs);
/// Computes the arrays and waits; rethrows what went wrong.
MLX_API void eval(std::vector<array> outputs);

template <typename... Arrays, typename = enable_for_arrays_t<Arrays...>>
  requires(sizeof...(Arrays) > 0)
void async_eval(Arrays&&... outputs) {
  async_eval(std::vector<array>{std::forward<Arrays>(outputs)...});
}
template <typename... Arrays, typename = enable_for_arrays_t<Arrays...>>
  requires(sizeof...(Arrays) > 0)
void eval(Arrays&&... outputs) {
  eval(std::vector<array>{std::forward<Arrays>(outputs)...});
}

using VectorFunction = std::function<std::vector<array>(const std::vector<array>&)>;
using ScalarFunction = std::function<array(const array&)>;

/// The function's outputs, and the vector-Jacobian products with the cotangents, one a primal.
MLX_API std::pair<std::vector<array>, std::vector<array>> vjp(const VectorFunction& fun,
                                                              const std::vector<array>& primals,
                                                              const std::vector<array>& cotangents);
MLX_API std::pair<array, array> vjp(const ScalarFunction& fun, const array& primal,
                                    const array& cotangent);
/// The outputs, and the Jacobian-vector products with the tangents, one an output.
MLX_API std::pair<std::vector<array>, std::vector<array>> jvp(const VectorFunction& fun,
                                                              const std::vector<array>& primals,
                                                              const std::vector<array>& tangents);
MLX_API std::pair<array, array> jvp(const ScalarFunction& fun, const array& primal,
                                    const array& tangent);

using ValueAndGradFn =
    std::function<std::pair<std::vector<array>, std::vector<array>>(const std::vector<array>&)>;
using SimpleValueAndGradFn =
    std::function<std::pair<array, std::vector<array>>(const std::vector<array>&)>;

/// A function that returns fun's outputs and the gradients of the first, which must be a scalar,
/// for the arguments in argnums (negative counts from the end; distinct).
MLX_API ValueAndGradFn value_and_grad(const VectorFunction& fun, const std::vector<int>& argnums);
MLX_API ValueAndGradFn value_and_grad(const VectorFunction& fun, int argnum = 0);
MLX_API std::function<std::pair<array, array>(const array&)> value_and_grad(
    const ScalarFunction& fun);
MLX_API SimpleValueAndGradFn value_and_grad(
    const std::function<array(const std::vector<array>&)>& fun, const std::vector<int>& argnums);
MLX_API SimpleValueAndGradFn
value_and_grad(const std::function<array(const std::vector<array>&)>& fun, int argnum = 0);

/// The same without the values.
MLX_API VectorFunction grad(const std::function<array(const std::vector<array>&)>& fun,
                            const std::vector<int>& argnums);
MLX_API VectorFunction grad(const std::function<array(const std::vector<array>&)>& fun,
                            int argnum = 0);
MLX_API ScalarFunction grad(const ScalarFunction& fun);

/// Maps a function over an axis of each input (-1: the input is shared by all), stacking each
/// output along its axis (-1: the output doesn't depend on the mapped inputs and stays as is).
MLX_API VectorFunction vmap(const VectorFunction& fun, const std::vector<int>& in_axes = {},
                            const std::vector<int>& out_axes = {});
MLX_API ScalarFunction vmap(const ScalarFunction& fun, int in_axis = 0, int out_axis = 0);
MLX_API std::function<array(const array&, const array&)> vmap(
    const std::function<array(const array&, const array&)>& fun, int in_axis_a = 0,
    int in_axis_b = 0, int out_axis = 0);

/// Gradients of the primals, from those of the outputs.
using CustomVjp = std::function<std::vector<array>(const std::vector<array>& primals,
                                                   const std::vector<array>& cotangents,
                                                   const std::vector<array>& outputs)>;
/// Tangents of the outputs, from those of primals[argnums[i]].
using CustomJvp = std::function<std::vector<array>(const std::vector<array>& primals,
                                                   const std::vector<array>& tangents,
                                                   const std::vector<int>& argnums)>;
/// The outputs for inputs with mapped axes (-1: none), and where their mapped axes are.
using CustomVmap = std::function<std::pair<std::vector<array>, std::vector<int>>(
    const std::vector<array>& inputs, const std::vector<int>& axes)>;

/// The function with rules of its own, under all transforms. What isn't given follows from fun.
MLX_API VectorFunction custom_function(VectorFunction fun,
                                       std::optional<CustomVjp> fun_vjp = std::nullopt,
                                       std::optional<CustomJvp> fun_jvp = std::nullopt,
                                       std::optional<CustomVmap> fun_vmap = std::nullopt);
MLX_API VectorFunction custom_vjp(VectorFunction fun, CustomVjp fun_vjp);

/// The function with less memory under reverse differentiation: its intermediates are not kept but
/// computed again on the way back.
MLX_API VectorFunction checkpoint(VectorFunction fun);

}  // namespace mlx::core
