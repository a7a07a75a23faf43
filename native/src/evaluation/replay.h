#pragma once

#include <memory>
#include <vector>

#include "evaluation/step.h"
#include "graph/traced_graph.h"

namespace mlx::core {

/// A traced graph planned once: its elementwise nodes are fused, and each value is freed after its
/// last use. Runs any number of times, also at once, without building nodes.
struct ReplayPlan {
  Stream stream;
  /// How many values a run has, of which the leaves come first; they are numbered from 0.
  uint32_t leaves;
  uint32_t values;
  std::vector<Step> steps;
  std::vector<uint32_t> outputs;
  /// Rough time on one core.
  double nanoseconds = 0;
  /// Stands in for a call that failed and whose error found no memory.
  std::shared_ptr<Primitive> out_of_memory;
};

/// Null when the graph isn't all on one stream, or has no nodes.
std::shared_ptr<const ReplayPlan> make_replay_plan(const TracedGraph& graph, bool fuse);

/// Computes the outputs. Leaves that nobody else sees may be overwritten by the end; when an error
/// comes before that happened, they are left in `leaves`, otherwise it is emptied.
void run_replay(const ReplayPlan& plan, std::vector<array>& leaves, std::vector<array>& outputs);

}  // namespace mlx::core
