#include "evaluation/replay.h"

#include <new>
#include <unordered_map>

#include "evaluation/compiled.h"
#include "evaluation/executor.h"
#include "evaluation/plan_walk.h"
#include "runtime/cancellation.h"

namespace mlx::core {
namespace {

std::optional<Stream> common_stream(const TracedGraph& graph) {
  std::optional<Stream> stream;
  for (auto& node : graph.nodes) {
    if (stream && !(*stream == node.primitive->stream())) return std::nullopt;
    stream = node.primitive->stream();
  }
  return stream;
}

class Planner {
 public:
  Planner(TracedGraph graph, Stream stream)
      : graph_(std::move(graph)), plan_{stream, 0, 0, {}, {}, 0, {}} {
    plan_.out_of_memory =
        std::make_shared<FailedCall>(stream, std::make_exception_ptr(std::bad_alloc()));
    std::vector<array> leaves;
    for (uint32_t i = 0; i < graph_.first_node_value(); ++i)
      leaves.push_back(array(graph_.values[i].shape, graph_.values[i].dtype, nullptr, {}));
    values_ = replay_values(graph_, std::move(leaves), false);
    for (uint32_t i = 0; i < values_.size(); ++i) numbers_.emplace(values_[i].id(), i);
    plan_.leaves = graph_.first_node_value();
    plan_.values = uint32_t(values_.size());
    plan_.outputs = graph_.outputs;
  }

  std::shared_ptr<const ReplayPlan> make(bool fuse) {
    std::vector<array> outputs;
    for (uint32_t output : graph_.outputs) outputs.push_back(values_[output]);
    PlanWalk walk(outputs, PlanWalk::Placeholders::leaves);
    for (auto& output : outputs) walk.nodes[output.plan_index() - 1].held = true;
    auto groups = group_elementwise(walk.nodes, walk.order, fuse);
    for (uint32_t index : walk.order) {
      PlanNode& node = walk.nodes[index];
      if (!node.fusable) {
        add_primitive(node);
      } else if (node.next_member == PlanNode::none) {
        add_fused(make_fused_step(walk.nodes, groups[node.group]));
      }
    }
    find_last_uses();
    return std::make_shared<const ReplayPlan>(std::move(plan_));
  }

 private:
  void add_primitive(const PlanNode& node) {
    Step step = make_primitive_step(node);
    plan_.nanoseconds += estimated_cost(step);
    ReplayPlan::Step& added = plan_.steps.emplace_back();
    added.primitive = node.a->primitive_ptr();
    for (auto& input : node.a->inputs()) added.inputs.push_back({number(input), 0, false});
    for (auto& member : step.members)
      added.outputs.push_back({number(member), 0, member.shape(), member.dtype()});
  }

  void add_fused(const Step& step) {
    plan_.nanoseconds += estimated_cost(step);
    ReplayPlan::Step& added = plan_.steps.emplace_back();
    added.program = step.program;
    added.shape = step.members.back().shape();
    for (auto& input : step.inputs)
      added.inputs.push_back({number(*input.source), input.last_read, false});
    for (uint16_t position : step.stored) {
      const array& member = step.members[position];
      added.outputs.push_back({number(member), position, member.shape(), member.dtype()});
    }
  }

  void find_last_uses() {
    std::vector<bool> needed(plan_.values, false);
    for (uint32_t output : plan_.outputs) needed[output] = true;
    for (size_t i = plan_.steps.size(); i-- > 0;) {
      auto& step = plan_.steps[i];
      for (auto& output : step.outputs)
        if (!needed[output.value]) step.dead.push_back(output.value);
      for (auto& input : step.inputs) {
        input.dies = !needed[input.value];
        if (input.dies) step.dead.push_back(input.value);
      }
      for (auto& input : step.inputs) needed[input.value] = true;
    }
  }

  uint32_t number(const array& a) const { return numbers_.at(a.id()); }

  TracedGraph graph_;
  ReplayPlan plan_;
  std::vector<array> values_;
  std::unordered_map<std::uintptr_t, uint32_t> numbers_;
};

class Replay {
 public:
  Replay(const ReplayPlan& plan, std::vector<array>& leaves)
      : plan_(plan), leaves_(leaves), made_(plan.values - plan.leaves) {}

  void run(std::vector<array>& outputs) {
    for (auto& step : plan_.steps) {
      throw_if_cancelled();
      if (step.program) {
        run_fused(step);
      } else {
        run_primitive(step);
      }
      for (uint32_t value : step.dead)
        if (value >= plan_.leaves) made_[value - plan_.leaves].reset();
    }
    for (size_t i = 0; i < outputs.size(); ++i) outputs[i].copy_shared_buffer(at(plan_.outputs[i]));
  }

  bool has_overwritten_leaves() const { return overwritten_; }

 private:
  array& at(uint32_t value) {
    return value < plan_.leaves ? leaves_[value] : *made_[value - plan_.leaves];
  }

  array& make(const ReplayPlan::Output& output) {
    return made_[output.value - plan_.leaves].emplace(output.shape, output.dtype, nullptr,
                                                      std::vector<array>{});
  }

  void run_fused(const ReplayPlan::Step& step) {
    std::vector<FusedInput> inputs;
    inputs.reserve(step.inputs.size());
    for (auto& input : step.inputs)
      inputs.push_back({&at(input.value), input.dies ? 1u : 0u, input.last_read});
    std::vector<FusedOutput> outputs;
    outputs.reserve(step.outputs.size());
    for (auto& output : step.outputs) outputs.push_back({&make(output), output.position});
    auto donated = execute(*step.program, plan_.stream.device, step.shape, inputs, outputs);
    for (size_t i = 0; i < donated.size(); ++i)
      overwritten_ |= donated[i] && step.inputs[i].value < plan_.leaves;
    for (auto& output : outputs) output.target->set_status(array::available);
  }

  void run_primitive(const ReplayPlan::Step& step) {
    std::vector<array> inputs, outputs;
    inputs.reserve(step.inputs.size());
    for (auto& input : step.inputs) {
      // What dies here goes to the primitive alone, which may then overwrite it. Leaves stay, so
      // that an error leaves them whole.
      bool is_handed_over =
          input.dies && input.value >= plan_.leaves && &input == last_use(step, input.value);
      inputs.push_back(is_handed_over ? std::move(at(input.value)) : at(input.value));
    }
    for (auto& output : step.outputs) outputs.push_back(make(output));
    execute(*step.primitive, inputs, outputs);
    for (auto& output : outputs) output.set_status(array::available);
  }

  static const ReplayPlan::Input* last_use(const ReplayPlan::Step& step, uint32_t value) {
    for (size_t i = step.inputs.size(); i-- > 0;)
      if (step.inputs[i].value == value) return &step.inputs[i];
    return nullptr;
  }

  const ReplayPlan& plan_;
  std::vector<array>& leaves_;
  /// The values that steps made.
  std::vector<std::optional<array>> made_;
  bool overwritten_ = false;
};

}  // namespace

std::shared_ptr<const ReplayPlan> make_replay_plan(const TracedGraph& graph, bool fuse) {
  auto stream = common_stream(graph);
  if (!stream) return nullptr;
  return Planner(without_markers(graph, true), *stream).make(fuse);
}

void run_replay(const ReplayPlan& plan, std::vector<array>& leaves, std::vector<array>& outputs) {
  Replay replay(plan, leaves);
  try {
    replay.run(outputs);
  } catch (...) {
    if (replay.has_overwritten_leaves()) leaves.clear();
    throw;
  }
}

}  // namespace mlx::core
