#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "evaluation/replay.h"
#include "graph/traced_graph.h"
#include "mlx/compile.h"

namespace mlx::core {

/// What a trace depends on but for its inputs.
struct TraceKey {
  std::uintptr_t function;
  std::vector<uint64_t> constants;
  CompileMode mode;
  /// Nodes that name no stream went to this one.
  Stream stream;

  bool operator==(const TraceKey&) const = default;
};

/// A function's trace for one combination of inputs, or for several that differ in sizes.
struct CompiledTrace {
  explicit CompiledTrace(TraceKey key) : key(std::move(key)) {}

  TraceKey key;
  std::vector<Shape> shapes;
  std::vector<Dtype> dtypes;
  TracedGraph graph;
  /// Null when the graph must be built anew for each call.
  std::shared_ptr<const ReplayPlan> plan;
  /// Sizes became part of the trace, so it is good for these alone.
  bool is_exact = true;
  /// For a trace that isn't exact, the axes of each input on which sizes were seen to differ.
  std::vector<std::vector<bool>> free_axes;
  uint64_t number = 0;

  bool has_shapes_of(const std::vector<array>& inputs) const;
  bool serves(const std::vector<array>& inputs) const;
};

/// The traces of one thread; the least recently used go first.
class CompileCache {
 public:
  static constexpr size_t max_traces = 1024;

  static CompileCache& of_this_thread();

  std::shared_ptr<CompiledTrace> find(const TraceKey& key, const std::vector<array>& inputs);
  /// A trace of the same function for other sizes that isn't exact, or null.
  std::shared_ptr<CompiledTrace> find_relative(const TraceKey& key,
                                               const std::vector<array>& inputs);
  void insert(std::shared_ptr<CompiledTrace> trace);
  void erase(std::uintptr_t function);
  void clear();
  /// Bytes of the constants in a function's traces.
  size_t bytes(std::uintptr_t function) const;
  size_t size() const { return recent_.size(); }
  /// The numbers of the traces that went since the last time; recorded from the first time on.
  std::vector<uint64_t> take_dropped();

 private:
  using Traces = std::list<std::shared_ptr<CompiledTrace>>;

  void drop(Traces::iterator trace);

  Traces recent_;
  std::unordered_multimap<uint64_t, Traces::iterator> index_;
  std::vector<uint64_t> dropped_;
  bool records_dropped_ = false;
  uint64_t last_number_ = 0;
};

}  // namespace mlx::core
