#include "evaluation/replay.h"

#include <new>
#include <optional>

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

/// The number of the value that a step's array stands for.
uint32_t number(const array& a) { return a.plan_index() - 1; }

class Planner {
 public:
  Planner(const TracedGraph& graph, Stream stream) : plan_{stream, 0, 0, {}, {}, 0, {}} {
    plan_.out_of_memory =
        std::make_shared<FailedCall>(stream, std::make_exception_ptr(std::bad_alloc()));
    std::vector<array> leaves;
    for (uint32_t i = 0; i < graph.first_node_value(); ++i)
      leaves.push_back(array(graph.values[i].shape, graph.values[i].dtype, nullptr, {}));
    values_ = replay_values(graph, std::move(leaves), false);
    plan_.leaves = graph.first_node_value();
    plan_.values = uint32_t(values_.size());
    plan_.outputs = graph.outputs;
  }

  std::shared_ptr<const ReplayPlan> make(bool fuse) {
    plan_steps(fuse);
    for (uint32_t i = 0; i < values_.size(); ++i) values_[i].set_plan_index(i + 1);
    find_last_uses();
    return std::make_shared<const ReplayPlan>(std::move(plan_));
  }

 private:
  void plan_steps(bool fuse) {
    std::vector<array> outputs;
    for (uint32_t output : plan_.outputs) outputs.push_back(values_[output]);
    PlanWalk walk(outputs, PlanWalk::Placeholders::leaves);
    for (auto& output : outputs) walk.nodes[output.plan_index() - 1].held = true;
    auto groups = group_elementwise(walk.nodes, walk.order, fuse);
    for (uint32_t index : walk.order) {
      PlanNode& node = walk.nodes[index];
      if (!node.fusable) {
        add(primitive_step(node));
      } else if (node.next_member == PlanNode::none) {
        add(make_fused_step(walk.nodes, groups[node.group]));
      }
    }
  }

  static Step primitive_step(const PlanNode& node) {
    Step step = make_primitive_step(node);
    for (auto& input : node.a->inputs()) step.inputs.push_back({&input, 0, 0});
    return step;
  }

  void add(Step step) {
    // Nobody else knows its nodes, and none is evaluated itself.
    step.keep_graph = false;
    plan_.nanoseconds += estimated_cost(step);
    plan_.steps.push_back(std::move(step));
  }

  void find_last_uses() {
    std::vector<bool> needed(plan_.values, false);
    for (uint32_t output : plan_.outputs) needed[output] = true;
    for (size_t i = plan_.steps.size(); i-- > 0;) {
      Step& step = plan_.steps[i];
      step.for_each_result([&](const array& result) {
        if (!needed[number(result)]) step.dead.push_back(number(result));
      });
      for (size_t k = step.inputs.size(); k-- > 0;) {
        Step::Input& input = step.inputs[k];
        uint32_t value = number(*input.source);
        bool dies = !needed[value];
        // Leaves stay with primitives, so that an error leaves them whole.
        input.edges = dies && (step.program || value >= plan_.leaves);
        if (dies) step.dead.push_back(value);
        needed[value] = true;
      }
    }
  }

  ReplayPlan plan_;
  std::vector<array> values_;
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

  array& make(const array& like) {
    return made_[number(like) - plan_.leaves].emplace(like.shape(), like.dtype(), nullptr,
                                                      std::vector<array>{});
  }

  void run_fused(const Step& step) {
    auto donated = execute_fused(
        step, [&](const array& source) -> const array& { return at(number(source)); },
        [&](uint16_t position) -> array& { return make(step.members[position]); });
    for (size_t i = 0; i < donated.size(); ++i)
      overwritten_ |= donated[i] && number(*step.inputs[i].source) < plan_.leaves;
    step.for_each_result(
        [&](const array& result) { at(number(result)).set_status(array::available); });
  }

  void run_primitive(const Step& step) {
    std::vector<array> inputs, outputs;
    inputs.reserve(step.inputs.size());
    for (auto& input : step.inputs) {
      array& value = at(number(*input.source));
      // What dies here goes to the primitive alone, which may then overwrite it.
      inputs.push_back(input.edges ? std::move(value) : value);
    }
    outputs.reserve(step.members.size());
    for (auto& member : step.members) outputs.push_back(make(member));
    execute(step.members[0].primitive(), inputs, outputs);
    for (auto& output : outputs) output.set_status(array::available);
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
