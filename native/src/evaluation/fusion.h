#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/plan.h"

namespace mlx::core {

/// A plan's view of one graph node.
struct PlanNode {
  static constexpr uint32_t none = UINT32_MAX;
  static constexpr uint32_t conflict = UINT32_MAX - 1;

  const array* a;
  /// Edges from nodes of this plan; more references than these mean that somebody holds the value.
  uint32_t edges = 0;
  bool leaf = false;
  bool fusable = false;
  bool keep_graph = false;
  /// Somebody outside of the plan wants the value, so it is stored.
  bool held = false;
  /// The group this node belongs to, and the next of its members in topological order.
  uint32_t group = none;
  uint32_t next_member = none;
  /// The one group of all consumers seen so far.
  uint32_t consumers = none;
  /// The group that counted or numbered this node last, and its number there.
  uint32_t counted_by = none;
  uint32_t number = 0;
  /// The segment that computes it.
  uint32_t segment = none;
};

struct FusionGroup {
  uint32_t first_member;
  uint32_t operations = 0;
  uint32_t buffers = 0;
};

/// Whether elementwise chains share passes over memory; MLX_DISABLE_FUSION=1 starts with false.
MLX_API bool fusion_enabled();
MLX_API void set_fusion_enabled(bool enabled);

/// Gives each elementwise node a group. `order` lists the nodes after their inputs. A node joins
/// its consumers' group when they all are in that one, so that a group never depends on itself
/// through nodes outside. Without `fuse` each is a group by itself.
std::vector<FusionGroup> group_elementwise(std::vector<PlanNode>& nodes,
                                           const std::vector<uint32_t>& order, bool fuse);

/// The step that computes a group, with a program that is shared by all groups of its structure.
Step make_fused_step(std::vector<PlanNode>& nodes, const FusionGroup& group);

}  // namespace mlx::core
