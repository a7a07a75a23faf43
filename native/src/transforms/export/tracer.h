#pragma once

#include <functional>
#include <unordered_set>

#include "mlx/export.h"
#include "transforms/export/function_file.h"

namespace mlx::core {

/// Traces one function for one kind of arguments.
class Tracer {
 public:
  using Function = std::function<std::vector<array>(const Args&, const Kwargs&)>;

  Tracer(const Function& fun, const Args& args, const Kwargs& kwargs);

  ExportedTrace trace(bool shapeless);

 private:
  /// Axes of inputs that have one size together.
  using Axes = std::vector<InputAxis>;

  struct Run {
    std::vector<array> placeholders, outputs;
  };

  Run run(const std::vector<Shape>& shapes, bool shapeless) const;
  TracedGraph record(const Run& run) const;

  /// Tries other sizes: axes are free if the traces for these prove to be the same but for integers
  /// that grow with the size.
  void find_free_axes(ExportedTrace& trace) const;
  bool try_axes(ExportedTrace& trace, const Axes& axes) const;
  /// Finds what grows with the product of two sizes.
  void add_products(ExportedTrace& trace, const Axes& left, const Axes& right) const;
  bool predicts_sizes(const ExportedTrace& trace, const std::vector<SizeRule>& rules,
                      const std::vector<Shape>& shapes) const;

  const Function& fun_;
  size_t positional_;
  std::vector<std::string> keywords_;
  std::vector<array> inputs_;
  std::vector<Shape> shapes_;
  /// Nodes that were there before the function was called, by their ids: they are constants.
  std::unordered_set<std::uintptr_t> lasting_;
};

}  // namespace mlx::core
