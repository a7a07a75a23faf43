#include "evaluation/plan_walk.h"

namespace mlx::core {
namespace {

template <typename F>
void for_each_output(const array& a, F&& f) {
  f(a);
  a.for_each_sibling(f);
}

/// Kept from one walk to the next: most are short and follow each other closely.
struct SpareMemory {
  std::vector<PlanNode> nodes;
  std::vector<uint32_t> order;
};

thread_local SpareMemory spare;

}  // namespace

PlanWalk::PlanWalk(const std::vector<array>& outputs, Placeholders placeholders)
    : nodes(std::move(spare.nodes)), order(std::move(spare.order)), placeholders_(placeholders) {
  try {
    for (auto& output : outputs)
      if (visit(output)) descend();
  } catch (...) {
    forget_numbers();
    throw;
  }
}

PlanWalk::~PlanWalk() {
  constexpr size_t most_kept = 4096;
  forget_numbers();
  if (nodes.capacity() > most_kept) return;
  nodes.clear();
  order.clear();
  spare = {std::move(nodes), std::move(order)};
}

void PlanWalk::forget_numbers() {
  for (auto& node : nodes) {
    node.a->set_plan_index(0);
    // A leaf was numbered alone, also when the primitive that made it once had more outputs.
    if (!node.leaf) for_each_output(*node.a, [](const array& a) { a.set_plan_index(0); });
  }
}

/// Numbers a node; true when it is new and has inputs to look at.
bool PlanWalk::visit(const array& a) {
  if (a.plan_index() != 0) return false;
  PlanNode node{&a};
  node.leaf = a.status() != array::unscheduled;
  if (!node.leaf && !a.has_primitive()) {
    if (placeholders_ == Placeholders::refused)
      throw std::invalid_argument(
          "[eval] This array stands for an input of a function that is being traced by vmap or "
          "compile, and has no values. Compute with it inside the function, return what you need "
          "and look at it afterwards.");
    node.leaf = true;
  }
  if (!node.leaf) {
    node.keep_graph = a.is_tracer();
    node.fusable = a.primitive().fused_op().has_value();
  }
  nodes.push_back(node);
  uint32_t index = uint32_t(nodes.size());
  a.set_plan_index(index);
  if (node.leaf) return false;
  if (!node.fusable) for_each_output(a, [&](const array& output) { output.set_plan_index(index); });
  stack_.push_back({index - 1, 0});
  return true;
}

void PlanWalk::descend() {
  while (!stack_.empty()) {
    Frame& frame = stack_.back();
    const auto& inputs = nodes[frame.node].a->inputs();
    if (frame.next_input == inputs.size()) {
      order.push_back(frame.node);
      stack_.pop_back();
      continue;
    }
    const array& input = inputs[frame.next_input++];
    visit(input);
    ++nodes[input.plan_index() - 1].edges;
  }
}

}  // namespace mlx::core
