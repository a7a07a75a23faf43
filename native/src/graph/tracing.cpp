#include "graph/tracing.h"

#include <vector>

namespace mlx::core::detail {
namespace {

struct Trace {
  bool dynamic;
  bool grad;
  bool saw_sizes = false;
};

struct TraceState {
  std::vector<Trace> stack;
  std::vector<array> evaluated;
  int retain_depth = 0;
};

TraceState& state() {
  thread_local TraceState state;
  return state;
}

}  // namespace

InTracing::InTracing(bool dynamic, bool grad) : depth_(state().stack.size()) {
  // What a gradient does inside a shapeless trace becomes part of that trace.
  state().stack.push_back({dynamic || in_dynamic_tracing(), grad});
}

bool InTracing::saw_sizes() const { return state().stack[depth_].saw_sizes; }

InTracing::~InTracing() {
  state().stack.pop_back();
  if (!state().stack.empty()) return;
  // Values looked at inside the trace kept their graphs for the gradient; nobody needs them now.
  auto evaluated = std::move(state().evaluated);
  state().evaluated.clear();
  for (auto& a : evaluated) {
    try {
      a.wait();
      a.detach();
    } catch (...) {
      // A node whose evaluation failed keeps its graph, so that it can be evaluated again.
    }
  }
}

bool in_tracing() { return !state().stack.empty(); }
bool in_dynamic_tracing() { return in_tracing() && state().stack.back().dynamic; }
bool in_grad_tracing() { return in_tracing() && state().stack.back().grad; }

bool in_abstract_tracing() {
  for (auto& trace : state().stack)
    if (!trace.grad) return true;
  return false;
}

void note_sizes_seen(const array& a) {
  if (!in_dynamic_tracing() || !a.is_tracer()) return;
  for (auto& trace : state().stack) trace.saw_sizes |= trace.dynamic;
}

RetainGraph::RetainGraph() { ++state().retain_depth; }
RetainGraph::~RetainGraph() { --state().retain_depth; }
bool retain_graph() { return state().retain_depth > 0; }

void keep_until_trace_ends(const array& a) { state().evaluated.push_back(a); }

}  // namespace mlx::core::detail
