#pragma once

#include <ostream>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "mlx/array.h"

namespace mlx::core {

/// Names for arrays in drawings: those that were set, and letters for the others.
class MLX_API NodeNamer {
 public:
  const std::string& get_name(const array& x);
  void set_name(const array& x, std::string name);

 private:
  std::unordered_map<std::uintptr_t, std::string> names_;
};

/// The graphs of the outputs as text, a line for each operation in the order in which they run.
MLX_API void print_graph(std::ostream& os, NodeNamer namer, const std::vector<array>& outputs);
/// The graphs in the DOT language of Graphviz. Evaluates nothing.
MLX_API void export_to_dot(std::ostream& os, NodeNamer namer, const std::vector<array>& outputs);

template <typename... Arrays>
  requires(std::is_same_v<std::remove_cvref_t<Arrays>, array> && ...)
void print_graph(std::ostream& os, Arrays&&... outputs) {
  print_graph(os, NodeNamer(), std::vector<array>{std::forward<Arrays>(outputs)...});
}
template <typename... Arrays>
  requires(std::is_same_v<std::remove_cvref_t<Arrays>, array> && ...)
void export_to_dot(std::ostream& os, Arrays&&... outputs) {
  export_to_dot(os, NodeNamer(), std::vector<array>{std::forward<Arrays>(outputs)...});
}

}  // namespace mlx::core
