#pragma once

#include <iosfwd>
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

inline void print_graph(std::ostream& os, const std::vector<array>& outputs) {
  print_graph(os, NodeNamer(), outputs);
}
inline void export_to_dot(std::ostream& os, const std::vector<array>& outputs) {
  export_to_dot(os, NodeNamer(), outputs);
}
template <typename... Arrays, typename = enable_for_arrays_t<Arrays...>>
void print_graph(std::ostream& os, Arrays&&... outputs) {
  print_graph(os, NodeNamer(), std::vector<array>{outputs...});
}
template <typename... Arrays, typename = enable_for_arrays_t<Arrays...>>
void print_graph(std::ostream& os, NodeNamer namer, Arrays&&... outputs) {
  print_graph(os, std::move(namer), std::vector<array>{outputs...});
}
template <typename... Arrays, typename = enable_for_arrays_t<Arrays...>>
void export_to_dot(std::ostream& os, Arrays&&... outputs) {
  export_to_dot(os, NodeNamer(), std::vector<array>{outputs...});
}
template <typename... Arrays, typename = enable_for_arrays_t<Arrays...>>
void export_to_dot(std::ostream& os, NodeNamer namer, Arrays&&... outputs) {
  export_to_dot(os, std::move(namer), std::vector<array>{outputs...});
}

}  // namespace mlx::core
