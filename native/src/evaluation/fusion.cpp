#include "evaluation/fusion.h"

#include <atomic>
#include <cstdlib>
#include <list>
#include <mutex>
#include <unordered_map>

namespace mlx::core {
namespace {

// Longer programs gain nothing over two passes, and compile time and registers grow.
constexpr uint32_t max_operations = 64;
constexpr uint32_t max_buffers = 24;
constexpr size_t max_cached_programs = 1024;

std::atomic<bool>& enabled() {
  static std::atomic<bool> enabled = [] {
    const char* off = std::getenv("MLX_DISABLE_FUSION");
    return !(off && *off && *off != '0');
  }();
  return enabled;
}

PlanNode& node_of(std::vector<PlanNode>& nodes, const array& a) {
  return nodes[a.plan_index() - 1];
}

bool may_share_a_group(const array& producer, const array& consumer) {
  return producer.primitive().stream() == consumer.primitive().stream() &&
         producer.shape() == consumer.shape();
}

void join(PlanNode& node, uint32_t index, uint32_t group_index, FusionGroup& group) {
  node.group = group_index;
  node.next_member = group.first_member;
  group.first_member = index;
  ++group.operations;
}

/// Programs by structure; the least recently used go first.
class ProgramCache {
 public:
  std::shared_ptr<const FusedProgram> get(ElementwiseProgram program) {
    std::lock_guard lock(mutex_);
    if (auto found = index_.find(program); found != index_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return *found->second;
    }
    auto fused = std::make_shared<const FusedProgram>(program);
    recent_.push_front(fused);
    index_.emplace(std::move(program), recent_.begin());
    if (recent_.size() > max_cached_programs) {
      index_.erase(recent_.back()->source);
      recent_.pop_back();
    }
    return fused;
  }

 private:
  using Recent = std::list<std::shared_ptr<const FusedProgram>>;

  std::mutex mutex_;
  Recent recent_;
  std::unordered_map<ElementwiseProgram, Recent::iterator, ElementwiseProgramHash> index_;
};

ProgramCache& program_cache() {
  // Leaked: stream threads may still use it while static objects are destroyed.
  static auto* cache = new ProgramCache;
  return *cache;
}

}  // namespace

bool fusion_enabled() { return enabled(); }
void set_fusion_enabled(bool on) { enabled() = on; }

std::vector<FusionGroup> group_elementwise(std::vector<PlanNode>& nodes,
                                           const std::vector<uint32_t>& order, bool fuse) {
  std::vector<FusionGroup> groups;
  uint32_t most_operations = fuse ? max_operations : 1;
  for (size_t k = order.size(); k-- > 0;) {
    uint32_t index = order[k];
    PlanNode& node = nodes[index];
    if (node.leaf) continue;
    const auto& inputs = node.a->inputs();
    if (!node.fusable) {
      for (auto& input : inputs) node_of(nodes, input).consumers = PlanNode::conflict;
      continue;
    }

    uint32_t g = node.consumers;
    bool joins = g < groups.size() && groups[g].operations < most_operations &&
                 groups[g].buffers + inputs.size() <= max_buffers;
    if (joins) {
      // It was counted as an input; now it needs a buffer only if somebody else wants the value.
      if (!node.held) --groups[g].buffers;
    } else {
      g = uint32_t(groups.size());
      groups.push_back({PlanNode::none, 0, 1});
    }
    join(node, index, g, groups[g]);

    for (auto& input : inputs) {
      PlanNode& producer = node_of(nodes, input);
      // The outputs of one primitive share a node, but each is a buffer of its own.
      if (producer.counted_by != g || input.has_siblings()) {
        producer.counted_by = g;
        ++groups[g].buffers;
      }
      if (!producer.fusable || producer.consumers == g) continue;
      bool first = producer.consumers == PlanNode::none;
      producer.consumers =
          first && may_share_a_group(input, *node.a) ? g : uint32_t(PlanNode::conflict);
    }
  }
  for (auto& node : nodes) node.counted_by = PlanNode::none;
  return groups;
}

namespace {

/// The number of a group's input, or the next free one if it is new to the group.
uint32_t find_input(const PlanNode& source, const array& input, const Step& step, uint32_t group) {
  auto next = uint32_t(step.inputs.size());
  if (source.counted_by != group) return next;
  if (!input.has_siblings()) return source.number;
  // The outputs of one primitive share a node and its number.
  for (uint32_t i = 0; i < next; ++i)
    if (step.inputs[i].source->id() == input.id()) return i;
  return next;
}

}  // namespace

Step make_fused_step(std::vector<PlanNode>& nodes, const FusionGroup& group) {
  Step step;
  ElementwiseProgram program;
  uint32_t g = nodes[group.first_member].group;
  step.members.reserve(group.operations);
  program.instructions.reserve(group.operations);

  // Inputs come first in the numbering of values, so they are found before the instructions.
  uint32_t position = 0;
  for (uint32_t m = group.first_member; m != PlanNode::none; m = nodes[m].next_member, ++position) {
    for (auto& input : nodes[m].a->inputs()) {
      PlanNode& source = node_of(nodes, input);
      if (source.group == g) continue;
      uint32_t number = find_input(source, input, step, g);
      if (number == step.inputs.size()) {
        source.counted_by = g;
        source.number = number;
        step.inputs.push_back({&input, 0, position});
        program.inputs.push_back(input.dtype());
      }
      Step::Input& use = step.inputs[number];
      ++use.edges;
      use.last_read = position;
    }
    nodes[m].number = position;
  }

  uint32_t first_value = uint32_t(step.inputs.size());
  for (uint32_t m = group.first_member; m != PlanNode::none; m = nodes[m].next_member) {
    PlanNode& node = nodes[m];
    const auto& inputs = node.a->inputs();
    Instruction instruction{
        *node.a->primitive().fused_op(), inputs.back().dtype(), node.a->dtype(), {0, 0, 0}};
    for (size_t i = 0; i < inputs.size(); ++i) {
      PlanNode& source = node_of(nodes, inputs[i]);
      instruction.operands[i] = uint16_t(
          source.group == g ? first_value + source.number : find_input(source, inputs[i], step, g));
    }
    program.instructions.push_back(instruction);
    if (node.next_member == PlanNode::none || node.held) {
      program.outputs.push_back(uint16_t(first_value + node.number));
      step.stored.push_back(uint16_t(node.number));
    }
    step.keep_graph |= node.keep_graph;
    step.members.push_back(*node.a);
  }
  step.program = program_cache().get(std::move(program));
  return step;
}

}  // namespace mlx::core
