#pragma once

#include <functional>
#include <optional>
#include <unordered_set>

#include "export/function_file.h"
#include "mlx/export.h"

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

  std::vector<array> call(const std::vector<array>& inputs) const;
  Run run(const std::vector<Shape>& shapes, bool shapeless) const;
  TracedGraph record(const Run& run) const;

  /// Tries other sizes: they are free if the traces for these prove to be the same but for integers
  /// that grow with the size.
  void find_free_sizes(ExportedTrace& trace) const;
  /// What the trace may be used for when these axes may have other sizes too, so many steps away.
  std::optional<TracedSizes> with_free(const ExportedTrace& trace, const Axes& axes,
                                       uint32_t step) const;
  /// Finds what grows with the product of free sizes.
  void add_product(const TracedGraph& graph, TracedSizes& sizes,
                   const std::vector<uint32_t>& factors) const;
  /// Finds what grows with the square of the last free size.
  void add_square(const TracedGraph& graph, TracedSizes& sizes) const;
  /// The least size down to which the trace serves, beside which there is no other.
  uint32_t least_size(const TracedGraph& graph, const TracedSizes& sizes) const;
  /// Shapes where free sizes have grown by so many steps.
  std::vector<Shape> grown(const std::vector<FreeSize>& free, const std::vector<int>& steps) const;
  /// Whether the trace does for inputs of these shapes what the function does, errors included.
  bool agrees(const TracedGraph& graph, const TracedSizes& sizes,
              const std::vector<Shape>& shapes) const;
  /// The same for smaller inputs, where operations may leave nodes out: by values.
  bool agrees_on_parts(const TracedGraph& graph, const TracedSizes& sizes,
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
