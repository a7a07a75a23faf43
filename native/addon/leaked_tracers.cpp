#include "leaked_tracers.h"

#include <unordered_map>

namespace mlx::addon {
namespace {

/// Tells which nodes' graphs reach one of some others.
class Dependence {
 public:
  explicit Dependence(const std::vector<core::array>& roots) {
    for (auto& root : roots) known_.emplace(root.id(), true);
  }

  bool operator()(const core::array& a) {
    std::vector<Visit> stack;
    enter(stack, a);
    while (!stack.empty()) {
      Visit& visit = stack.back();
      if (visit.next < visit.node.inputs().size() && !visit.found) {
        core::array input = visit.node.inputs()[visit.next];
        auto known = known_.find(input.id());
        if (known == known_.end()) {
          enter(stack, input);
        } else {
          visit.found = known->second;
          ++visit.next;
        }
        continue;
      }
      known_[visit.node.id()] = visit.found;
      stack.pop_back();
    }
    return known_[a.id()];
  }

 private:
  struct Visit {
    core::array node;
    size_t next = 0;
    bool found = false;
  };

  void enter(std::vector<Visit>& stack, const core::array& node) {
    if (!known_.count(node.id())) stack.push_back({node});
  }

  std::unordered_map<std::uintptr_t, bool> known_;
};

}  // namespace

void LeakedTracers::mark() {
  if (placeholders_.empty()) return;
  Dependence depends_on_placeholder(placeholders_);
  std::vector<SlotId> leaked;
  environment_.slots.for_each_since(trace_, [&](SlotId id, const core::array& a) {
    if (depends_on_placeholder(a)) leaked.push_back(id);
  });
  for (SlotId id : leaked) environment_.slots.release(id, SlotState::leaked);
  placeholders_.clear();
}

}  // namespace mlx::addon
