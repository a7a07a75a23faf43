#include "transforms/eval_plan.h"

#include <mutex>

#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "transforms/fusion.h"
#include "transforms/tracing.h"

namespace mlx::core {
namespace {

/// Held while a graph is walked: nodes carry the walk's numbers.
std::mutex& planning_mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

template <typename F>
void for_each_output(const array& a, F&& f) {
  f(a);
  if (!a.has_siblings()) return;
  for (auto& sibling : a.siblings()) f(sibling);
}

/// What a walk fills, kept from one to the next: most are short and follow each other closely.
struct WalkMemory {
  struct Frame {
    uint32_t node;
    uint32_t next_input;
  };
  std::vector<PlanNode> nodes;
  std::vector<uint32_t> order;
  std::vector<Frame> stack;

  void clear() {
    constexpr size_t most_kept = 4096;
    if (nodes.capacity() > most_kept) *this = {};
    nodes.clear();
    order.clear();
    stack.clear();
  }
};

/// The nodes that outputs need, each once, and the order in which inputs come before users.
class Walk {
 public:
  explicit Walk(WalkMemory& memory)
      : nodes(memory.nodes), order(memory.order), memory_(memory), stack_(memory.stack) {}
  ~Walk() {
    for (auto& node : nodes) for_each_output(*node.a, [](const array& a) { a.set_plan_index(0); });
    memory_.clear();
  }

  void run(const std::vector<array>& outputs) {
    for (auto& output : outputs) {
      if (visit(output)) descend();
    }
  }

  std::vector<PlanNode>& nodes;
  std::vector<uint32_t>& order;

 private:
  using Frame = WalkMemory::Frame;

  /// Numbers a node; true when it is new and has inputs to look at.
  bool visit(const array& a) {
    if (a.plan_index() != 0) return false;
    PlanNode node{&a};
    node.leaf = a.status() != array::unscheduled;
    if (!node.leaf) {
      if (!a.has_primitive())
        throw std::invalid_argument(
            "[eval] This array stands for an input of a function that is being traced by vmap or "
            "compile, and has no values. Compute with it inside the function, return what you need "
            "and look at it afterwards.");
      node.keep_graph = a.is_tracer();
      node.fusable =
          a.primitive().stream().device == Device::cpu && a.primitive().fused_op().has_value();
    }
    nodes.push_back(node);
    uint32_t index = uint32_t(nodes.size());
    a.set_plan_index(index);
    if (node.leaf) return false;
    if (!node.fusable)
      for_each_output(a, [&](const array& output) { output.set_plan_index(index); });
    stack_.push_back({index - 1, 0});
    return true;
  }

  void descend() {
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

  WalkMemory& memory_;
  std::vector<Frame>& stack_;
};

/// Puts steps into segments: a stream's steps stay in order, and one that needs another stream's
/// result opens a segment that waits for it.
class Scheduler {
 public:
  Scheduler(Plan& plan, std::vector<PlanNode>& nodes) : plan_(plan), nodes_(nodes) {}

  /// Returns the number of the segment that the step went to.
  uint32_t add(Step step, const Stream& stream) {
    uint32_t segment = open_segment(stream);
    auto need = [&](const array& input) { segment = wait_for(input, stream, segment); };
    if (step.program) {
      for (auto& input : step.inputs) need(*input.source);
    } else {
      for (auto& input : step.members[0].inputs()) need(input);
    }
    plan_.segments[segment].steps.push_back(std::move(step));
    return segment;
  }

 private:
  static constexpr uint32_t none = PlanNode::none;

  uint32_t open_segment(const Stream& stream) {
    for (auto& [s, segment] : open_)
      if (s == stream && segment != none) return segment;
    return new_segment(stream);
  }

  uint32_t new_segment(const Stream& stream) {
    uint32_t index = uint32_t(plan_.segments.size());
    plan_.segments.push_back({stream, Event(stream), {}, {}});
    for (auto& [s, segment] : open_) {
      if (s == stream) {
        segment = index;
        return index;
      }
    }
    open_.push_back({stream, index});
    return index;
  }

  void close(uint32_t closed) {
    for (auto& [s, segment] : open_)
      if (segment == closed) segment = none;
  }

  /// Returns the segment in which the step may stand, given that it needs this input.
  uint32_t wait_for(const array& input, const Stream& stream, uint32_t segment) {
    PlanNode& source = nodes_[input.plan_index() - 1];
    if (source.leaf) {
      // Also on the same stream: the earlier work may have failed.
      if (!input.is_available()) add_wait(segment, input.event());
      return segment;
    }
    if (source.segment == segment || plan_.segments[source.segment].stream == stream)
      return segment;
    close(source.segment);
    // The other stream may wait for what stands here already, so waiting starts a new segment.
    if (!plan_.segments[segment].steps.empty()) {
      close(segment);
      segment = new_segment(stream);
    }
    add_wait(segment, plan_.segments[source.segment].done);
    return segment;
  }

  void add_wait(uint32_t segment, const Event& event) {
    auto& waits = plan_.segments[segment].waits;
    // Neighbouring inputs mostly come from one evaluation.
    if (waits.empty() || !(waits.back() == event)) waits.push_back(event);
  }

  Plan& plan_;
  std::vector<PlanNode>& nodes_;
  std::vector<std::pair<Stream, uint32_t>> open_;
};

Step make_primitive_step(const PlanNode& node) {
  Step step;
  step.members = node.a->outputs();
  step.keep_graph = node.keep_graph;
  return step;
}

double cost_of(const Step& step) {
  // Measured on one core: a fused instruction takes half a nanosecond an element, and other
  // primitives do several passes or gather.
  double elements = double(step.members[0].size());
  if (step.program) return 300 + 0.5 * elements * double(step.members.size());
  for (auto& input : step.members[0].inputs()) elements += double(input.size());
  return 500 + 8 * elements;
}

void mark_scheduled(Segment& segment) {
  for (auto& step : segment.steps) {
    for (auto& member : step.members) {
      member.attach_event(segment.done);
      if (step.keep_graph) {
        detail::keep_until_trace_ends(member);
      } else {
        member.set_tracer(false);
      }
      member.set_status(array::evaluated);
    }
  }
}

}  // namespace

Plan make_plan(const std::vector<array>& outputs) {
  // Guarded by the mutex too.
  static auto& memory = *new WalkMemory;
  Plan plan;
  std::lock_guard lock(planning_mutex());
  Walk walk(memory);
  walk.run(outputs);
  auto groups = group_elementwise(walk.nodes, walk.order);
  Scheduler scheduler(plan, walk.nodes);
  for (uint32_t index : walk.order) {
    PlanNode& node = walk.nodes[index];
    // A group runs where its last member stands.
    if (node.fusable && node.next_member != PlanNode::none) continue;
    Step step =
        node.fusable ? make_fused_step(walk.nodes, groups[node.group]) : make_primitive_step(node);
    plan.nanoseconds += cost_of(step);
    Stream stream = node.a->primitive().stream();
    node.segment = scheduler.add(std::move(step), stream);
    if (!node.fusable) continue;
    for (uint32_t m = groups[node.group].first_member; m != index; m = walk.nodes[m].next_member)
      walk.nodes[m].segment = node.segment;
  }
  for (auto& segment : plan.segments) mark_scheduled(segment);
  return plan;
}

void unschedule(Segment& segment, size_t first) {
  for (size_t i = first; i < segment.steps.size(); ++i)
    for (auto& member : segment.steps[i].members) member.set_status(array::unscheduled);
}

}  // namespace mlx::core
