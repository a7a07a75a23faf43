#pragma once

#include <vector>

#include "evaluation/fusion.h"

namespace mlx::core {

/// The nodes that some outputs need, each once, and the order in which inputs come before users.
/// While it lives, the nodes carry its numbers, so only one may look at a node at a time.
class PlanWalk {
 public:
  /// An array without values that stands for an input of a trace is an error, or a leaf like those
  /// that have been computed.
  enum class Placeholders { refused, leaves };

  explicit PlanWalk(const std::vector<array>& outputs,
                    Placeholders placeholders = Placeholders::refused);
  ~PlanWalk();
  PlanWalk(const PlanWalk&) = delete;
  PlanWalk& operator=(const PlanWalk&) = delete;

  std::vector<PlanNode> nodes;
  std::vector<uint32_t> order;

 private:
  struct Frame {
    uint32_t node;
    uint32_t next_input;
  };

  bool visit(const array& a);
  void descend();
  void forget_numbers();

  Placeholders placeholders_;
  std::vector<Frame> stack_;
};

}  // namespace mlx::core
