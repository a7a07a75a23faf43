#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "evaluation/fused_program.h"
#include "mlx/array.h"
#include "mlx/primitives.h"

namespace mlx::core {

struct ReplayPlan;

/// One kernel launch: a primitive, or a group of elementwise nodes fused into one pass. A first run
/// computes the step's own arrays. In a plan for replays those are the trace's, which never have
/// values and tell by their numbers (`plan_index`) which of a run's arrays they stand for.
struct Step {
  struct Input {
    const array* source;
    /// Handles on it that end with the step, so that it may be overwritten when there are no
    /// others: all edges of a group; in a replay 1 where nothing later reads the value, else 0.
    uint32_t edges;
    /// The last instruction that reads it.
    uint32_t last_read;
  };

  /// The primitive's outputs, or the group's nodes in topological order.
  std::vector<array> members;
  /// Set for elementwise groups; null for a primitive that runs by itself.
  std::shared_ptr<const FusedProgram> program;
  /// Those of a group. A primitive's are its node's; a replay finds them here too.
  std::vector<Input> inputs;
  /// Set for a compiled function, which runs steps of its own.
  std::shared_ptr<const ReplayPlan> replay;
  /// The members of a group whose values are stored; the others exist in registers alone.
  std::vector<uint16_t> stored;
  /// Inside a trace the nodes keep their inputs after evaluation.
  bool keep_graph = false;
  /// The numbers of a replay's values that end here.
  std::vector<uint32_t> dead;

  /// Calls f for each array that gets a value.
  template <typename F>
  void for_each_result(F f) const {
    if (!program)
      for (auto& member : members) f(member);
    for (uint16_t position : stored) f(members[position]);
  }
};

}  // namespace mlx::core
