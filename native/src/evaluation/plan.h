#pragma once

#include <vector>

#include "evaluation/step.h"
#include "mlx/event.h"
#include "mlx/stream.h"

namespace mlx::core {

struct PlanNode;

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
