#include <unordered_set>

#include "graph/graph_walk.h"
#include "mlx/graph_utils.h"
#include "mlx/primitives.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

/// The operations that have not been computed, inputs before users.
std::vector<array> operations_of(const std::vector<array>& outputs) {
  return topological_order(outputs,
                           [](const array& a) { return a.status() == array::unscheduled; });
}

std::string escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

/// A string of DOT.
std::string quoted(const std::string& text) { return '"' + escaped(text) + '"'; }

/// Draws each array once.
class Drawing {
 public:
  Drawing(std::ostream& os, NodeNamer& namer) : os_(os), namer_(namer) {}

  void add_array(const array& a, const char* style) {
    if (!drawn_.insert(a.id()).second) return;
    const std::string& name = namer_.get_name(a);
    os_ << "  " << quoted(name) << " [label=\"" << escaped(name) << "\\n"
        << a.dtype() << " " << a.shape() << "\", " << style << "];\n";
  }

 private:
  std::ostream& os_;
  NodeNamer& namer_;
  std::unordered_set<std::uintptr_t> drawn_;
};

}  // namespace

const std::string& NodeNamer::get_name(const array& x) {
  auto [entry, is_new] = names_.try_emplace(x.id());
  if (is_new) {
    for (size_t rest = names_.size(); rest > 0; rest = (rest - 1) / 26)
      entry->second.insert(entry->second.begin(), char('A' + (rest - 1) % 26));
  }
  return entry->second;
}

void NodeNamer::set_name(const array& x, std::string name) { names_[x.id()] = std::move(name); }

void print_graph(std::ostream& os, NodeNamer namer, const std::vector<array>& outputs) {
  auto print = [&](const std::vector<array>& arrays) {
    for (size_t i = 0; i < arrays.size(); ++i)
      os << (i ? ", " : "") << namer.get_name(arrays[i]) << " " << arrays[i].dtype() << " "
         << arrays[i].shape();
  };
  for (auto& node : operations_of(outputs)) {
    print(node.outputs());
    os << " = " << node.primitive().name() << "(";
    print(node.inputs());
    os << ")\n";
  }
  os << "outputs: ";
  print(outputs);
  os << "\n";
}

void export_to_dot(std::ostream& os, NodeNamer namer, const std::vector<array>& outputs) {
  os << "digraph {\n";
  Drawing drawing(os, namer);
  for (auto& output : outputs) drawing.add_array(output, "shape=ellipse, style=bold");
  size_t count = 0;
  for (auto& node : operations_of(outputs)) {
    std::string operation = concat_text("operation ", ++count);
    os << "  " << quoted(operation) << " [label=" << quoted(node.primitive().name())
       << ", shape=rectangle];\n";
    for (auto& input : node.inputs()) {
      bool is_leaf = !input.has_primitive() || input.status() != array::unscheduled;
      drawing.add_array(input, is_leaf ? "shape=ellipse, style=filled" : "shape=ellipse");
      os << "  " << quoted(namer.get_name(input)) << " -> " << quoted(operation) << ";\n";
    }
    for (auto& output : node.outputs()) {
      drawing.add_array(output, "shape=ellipse");
      os << "  " << quoted(operation) << " -> " << quoted(namer.get_name(output)) << ";\n";
    }
  }
  os << "}\n";
}

}  // namespace mlx::core
