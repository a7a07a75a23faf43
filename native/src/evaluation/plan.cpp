#include "evaluation/plan.h"

#include <mutex>

#include "evaluation/compiled.h"
#include "evaluation/fusion.h"
#include "evaluation/plan_walk.h"
#include "graph/tracing.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

/// Held while a graph is walked: nodes carry the walk's numbers.
std::mutex& planning_mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

/// Puts steps into segments: a stream's steps stay in order, and one that needs another stream's
/// result opens a segment that waits for it.
class SegmentBuilder {
 public:
  SegmentBuilder(Plan& plan, std::vector<PlanNode>& nodes) : plan_(plan), nodes_(nodes) {}

  /// Returns the number of the segment that the step went to.
  uint32_t add(Step step, const Stream& stream) {
    uint32_t segment = open_segment(stream);
    auto need = [&](const array& input) { segment = wait_for(input, stream, segment); };
    // Again when an input opened a new segment, which then asks after all of them.
    for (uint32_t before = none; before != segment;) {
      before = segment;
      if (step.program) {
        for (auto& input : step.inputs) need(*input.source);
      } else {
        for (auto& input : step.members[0].inputs()) need(input);
      }
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
    if (source.segment == segment) return segment;
    if (plan_.segments[source.segment].stream == stream) {
      // It ran before, but maybe not well.
      add_wait(segment, plan_.segments[source.segment].done);
      return segment;
    }
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
    // Neighbouring inputs mostly come from one evaluation, of which a GPU may do a part and fail at
    // another.
    bool is_known = !waits.empty() && waits.back() == event && event.stream().device == Device::cpu;
    if (!is_known) waits.push_back(event);
  }

  Plan& plan_;
  std::vector<PlanNode>& nodes_;
  std::vector<std::pair<Stream, uint32_t>> open_;
};

void keep_graphs(const Segment& segment) {
  for (auto& step : segment.steps)
    if (step.keep_graph)
      for (auto& member : step.members) detail::keep_until_trace_ends(member);
}

/// Who waits for what is marked waits for ever if nothing comes of it, so that it may not fail.
void mark_scheduled(Segment& segment) noexcept {
  uint32_t part = 0;
  for (auto& step : segment.steps) {
    Event done = segment.done.part(part++);
    for (auto& member : step.members) {
      member.attach_event(done);
      if (!step.keep_graph) member.set_tracer(false);
      member.set_status(array::evaluated);
    }
  }
}

}  // namespace

Step make_primitive_step(const PlanNode& node) {
  Step step;
  step.members = node.a->outputs();
  step.keep_graph = node.keep_graph;
  if (auto* compiled = dynamic_cast<const Compiled*>(&node.a->primitive()))
    step.replay = compiled->plan();
  return step;
}

double estimated_cost(const Step& step) {
  // A GPU's queue is given a step in about this time, however long that takes there.
  constexpr double launch = 3'000;
  // Measured on one core: a fused instruction takes half a nanosecond an element, and other
  // primitives do several passes or gather.
  if (step.replay) return step.replay->nanoseconds;
  if (!(step.members[0].primitive().device() == Device::cpu)) return launch;
  double elements = double(step.members[0].size());
  if (step.program) return 300 + 0.5 * elements * double(step.members.size());
  for (auto& input : step.members[0].inputs()) elements += double(input.size());
  return 500 + 8 * elements;
}

Plan make_plan(const std::vector<array>& outputs) {
  Plan plan;
  std::lock_guard lock(planning_mutex());
  PlanWalk walk(outputs);
  for (auto& node : walk.nodes) node.held = node.keep_graph || node.a->use_count() > node.edges;
  auto groups = group_elementwise(walk.nodes, walk.order, fusion_enabled());
  SegmentBuilder segments(plan, walk.nodes);
  for (uint32_t index : walk.order) {
    PlanNode& node = walk.nodes[index];
    // A group runs where its last member stands.
    if (node.fusable && node.next_member != PlanNode::none) continue;
    Step step =
        node.fusable ? make_fused_step(walk.nodes, groups[node.group]) : make_primitive_step(node);
    plan.nanoseconds += estimated_cost(step);
    Stream stream = node.a->primitive().stream();
    node.segment = segments.add(std::move(step), stream);
    if (!node.fusable) continue;
    for (uint32_t m = groups[node.group].first_member; m != index; m = walk.nodes[m].next_member)
      walk.nodes[m].segment = node.segment;
  }
  for (auto& segment : plan.segments) keep_graphs(segment);
  for (auto& segment : plan.segments) mark_scheduled(segment);
  return plan;
}

void unschedule(Segment& segment, size_t first) {
  for (size_t i = first; i < segment.steps.size(); ++i)
    for (auto& member : segment.steps[i].members) member.set_status(array::unscheduled);
}

}  // namespace mlx::core
