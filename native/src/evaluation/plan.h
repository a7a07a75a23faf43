#pragma once

#include <memory>
#include <vector>

#include "evaluation/fused_program.h"
#include "mlx/array.h"
#include "mlx/event.h"
#include "mlx/primitives.h"

namespace mlx::core {

struct PlanNode;
struct ReplayPlan;

/// One kernel launch: a primitive, or a group of elementwise nodes fused into one pass.
struct Step {
  /// What an input of a fused group needs for donation: every edge that the group has on it.
  struct Input {
    const array* source;
    uint32_t edges;
    /// The last instruction that reads it.
    uint32_t last_read;
  };

  /// The primitive's outputs, or the group's nodes in topological order.
  std::vector<array> members;
  /// Set for elementwise groups; null for a primitive that runs by itself.
  std::shared_ptr<const FusedProgram> program;
  std::vector<Input> inputs;
  /// Set for a compiled function, which runs steps of its own.
  std::shared_ptr<const ReplayPlan> replay;
  /// The members of a group whose values are stored; the others exist in registers alone.
  std::vector<uint16_t> stored;
  /// Inside a trace the nodes keep their inputs after evaluation.
  bool keep_graph = false;
};

/// Steps that run one after another on one stream.
struct Segment {
  Stream stream;
  /// Each step is a part of it.
  Event done;
  /// What must have happened before the first step.
  std::vector<Event> waits;
  std::vector<Step> steps;
};

struct Plan {
  std::vector<Segment> segments;
  /// Rough time of the work on one core.
  double nanoseconds = 0;
};

/// The step of a node that isn't fused with others.
Step make_primitive_step(const PlanNode& node);

/// Rough nanoseconds that a step takes the thread that runs it: on one core, or to hand it to a
/// GPU.
double estimated_cost(const Step& step);

/// Plans all that the outputs still need and marks it as scheduled. Throws, leaving the graph as
/// it was, when a node can't be evaluated.
Plan make_plan(const std::vector<array>& outputs);

/// Marks the steps from `first` on as not scheduled, after an error before they ran.
void unschedule(Segment& segment, size_t first);

}  // namespace mlx::core
