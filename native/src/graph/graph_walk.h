#pragma once

#include <unordered_set>
#include <vector>

#include "mlx/array.h"

namespace mlx::core {

/// The nodes below outputs for which enter(node) holds, inputs before users, one for each group of
/// siblings.
template <typename Enter>
std::vector<array> topological_order(const std::vector<array>& outputs, Enter enter) {
  struct Frame {
    array node;
    size_t next_input;
  };
  std::unordered_set<std::uintptr_t> seen;
  std::vector<Frame> stack;
  std::vector<array> order;

  auto visit = [&](const array& a) {
    if (!a.has_primitive() || seen.count(a.id()) || !enter(a)) return;
    seen.insert(a.id());
    a.for_each_sibling([&](const array& sibling) { seen.insert(sibling.id()); });
    stack.push_back({a, 0});
  };
  for (auto& output : outputs) {
    visit(output);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.next_input < frame.node.inputs().size()) {
        const array& input = frame.node.inputs()[frame.next_input++];
        visit(input);
      } else {
        order.push_back(std::move(frame.node));
        stack.pop_back();
      }
    }
  }
  return order;
}

}  // namespace mlx::core
