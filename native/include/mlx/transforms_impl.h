#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "mlx/array.h"

namespace mlx::core::detail {

/// The two halves of vmap, for bindings that call the function themselves: trace gives the inputs
/// and outputs of the function for one slice, replace evaluates that graph over whole inputs.
MLX_API std::pair<std::vector<array>, std::vector<array>> vmap_trace(
    const std::function<std::vector<array>(const std::vector<array>&)>& fun,
    const std::vector<array>& inputs, const std::vector<int>& in_axes);
MLX_API std::vector<array> vmap_replace(const std::vector<array>& inputs,
                                        const std::vector<array>& traced_inputs,
                                        const std::vector<array>& traced_outputs,
                                        const std::vector<int>& in_axes,
                                        const std::vector<int>& out_axes);

/// Marks its scope as tracing on this thread. `dynamic`: a compile trace with unknown shapes;
/// `grad`: values may be looked at while tracing.
struct MLX_API InTracing {
  explicit InTracing(bool dynamic = false, bool grad = false);
  ~InTracing();
  InTracing(const InTracing&) = delete;
  InTracing& operator=(const InTracing&) = delete;

  /// Whether the sizes of an array that stands for others were looked at.
  bool saw_sizes() const;

 private:
  size_t depth_;
};

MLX_API bool in_tracing();
MLX_API bool in_dynamic_tracing();
MLX_API bool in_grad_tracing();
/// Inside a function that vmap or compile traces, where arrays have no values.
MLX_API bool in_abstract_tracing();
/// For bindings: the function that is traced asked for the array's sizes, so that a shapeless trace
/// may depend on them.
MLX_API void note_sizes_seen(const array& a);

/// Keeps the graphs of everything evaluated in its scope.
struct MLX_API RetainGraph {
  RetainGraph();
  ~RetainGraph();
  RetainGraph(const RetainGraph&) = delete;
  RetainGraph& operator=(const RetainGraph&) = delete;
};
MLX_API bool retain_graph();

}  // namespace mlx::core::detail
