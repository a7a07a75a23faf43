#include "mlx/compile.h"

#include <atomic>
#include <cstdlib>

#include "evaluation/compiled.h"
#include "mlx/compile_impl.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "transforms/compile_cache.h"

namespace mlx::core {
namespace {

using Function = std::function<std::vector<array>(const std::vector<array>&)>;

std::atomic<CompileMode>& mode() {
  static std::atomic<CompileMode> mode = [] {
    const char* off = std::getenv("MLX_DISABLE_COMPILE");
    return off && *off && *off != '0' ? CompileMode::disabled : CompileMode::enabled;
  }();
  return mode;
}

std::shared_ptr<CompiledTrace> trace_function(const Function& fun, const TraceKey& key,
                                              bool shapeless, const std::vector<array>& inputs) {
  auto trace = std::make_shared<CompiledTrace>(key);
  std::vector<array> placeholders;
  placeholders.reserve(inputs.size());
  for (auto& input : inputs) {
    placeholders.push_back(make_placeholder(input));
    trace->shapes.push_back(input.shape());
    trace->dtypes.push_back(input.dtype());
    trace->free_axes.emplace_back(input.ndim(), false);
  }
  detail::InTracing tracing(shapeless);
  auto outputs = fun(placeholders);
  trace->is_exact = !shapeless || tracing.saw_sizes();
  trace->graph = record_graph(placeholders, outputs, key.mode != CompileMode::no_simplify);
  return trace;
}

/// Lets an earlier trace serve the sizes of a later one if they prove to be the same but for sizes.
/// Which may happen by chance once, so that only the axes that differed count as free.
bool generalize(CompiledTrace& earlier, const CompiledTrace& later) {
  if (later.is_exact || !holds_for_sizes_of(earlier.graph, later.graph)) return false;
  for (size_t i = 0; i < earlier.shapes.size(); ++i)
    for (size_t axis = 0; axis < earlier.shapes[i].size(); ++axis)
      if (earlier.shapes[i][axis] != later.shapes[i][axis]) earlier.free_axes[i][axis] = true;
  return true;
}

/// A trace of a function inside another trace may have captured the other's arrays, which mean
/// nothing later.
bool captures_tracers(const TracedGraph& graph) {
  for (auto& constant : graph.constants)
    if (constant.is_tracer()) return true;
  return false;
}

std::shared_ptr<CompiledTrace> find_or_trace(const Function& fun, const TraceKey& key,
                                             bool shapeless, const std::vector<array>& inputs) {
  auto& cache = CompileCache::of_this_thread();
  if (auto found = cache.find(key, inputs)) return found;
  auto trace = trace_function(fun, key, shapeless, inputs);
  if (captures_tracers(trace->graph)) return trace;
  if (auto relative = cache.find_relative(key, inputs)) {
    if (generalize(*relative, *trace)) return relative;
    trace->is_exact = relative->is_exact = true;
  }
  trace->plan = make_replay_plan(trace->graph, key.mode != CompileMode::no_fuse);
  cache.insert(trace);
  return trace;
}

std::vector<array> run_trace(const CompiledTrace& trace, const std::vector<array>& inputs) {
  bool same_shapes = trace.has_shapes_of(inputs);
  // Inside a trace the call becomes the function's own nodes, which other transforms understand.
  if (!trace.plan || !same_shapes || detail::in_tracing() || detail::retain_graph())
    return replay_graph(trace.graph, inputs, !same_shapes);
  std::vector<array> leaves;
  leaves.reserve(trace.plan->leaves);
  leaves.insert(leaves.end(), inputs.begin(), inputs.end());
  leaves.insert(leaves.end(), trace.graph.constants.begin(), trace.graph.constants.end());
  std::vector<Shape> shapes;
  std::vector<Dtype> dtypes;
  for (uint32_t output : trace.graph.outputs) {
    shapes.push_back(trace.graph.values[output].shape);
    dtypes.push_back(trace.graph.values[output].dtype);
  }
  return array::make_arrays(std::move(shapes), dtypes, std::make_shared<Compiled>(trace.plan),
                            leaves);
}

/// Forgets a function's traces when its last copy goes.
struct FunctionNumber {
  std::uintptr_t value = detail::compile_new_id();
  FunctionNumber() = default;
  FunctionNumber(const FunctionNumber&) = delete;
  FunctionNumber& operator=(const FunctionNumber&) = delete;
  ~FunctionNumber() { detail::compile_erase(value); }
};

}  // namespace

namespace detail {

CompileMode compile_mode() { return mode(); }

CompiledCall call_compiled(const Function& fun, std::uintptr_t fun_id, bool shapeless,
                           const std::vector<uint64_t>& constants,
                           const std::vector<array>& inputs) {
  CompileMode current = mode();
  if (current == CompileMode::disabled) return {fun(inputs), 0};
  TraceKey key{fun_id, constants, current, default_stream(default_device())};
  auto trace = find_or_trace(fun, key, shapeless, inputs);
  return {run_trace(*trace, inputs), trace->number};
}

Function compile(Function fun, std::uintptr_t fun_id, bool shapeless,
                 std::vector<uint64_t> constants) {
  return [fun = std::move(fun), fun_id, shapeless,
          constants = std::move(constants)](const std::vector<array>& inputs) {
    return call_compiled(fun, fun_id, shapeless, constants, inputs).outputs;
  };
}

std::uintptr_t compile_new_id() {
  static std::atomic<std::uintptr_t> last{0};
  return ++last;
}

void compile_erase(std::uintptr_t fun_id) { CompileCache::of_this_thread().erase(fun_id); }
void compile_clear_cache() { CompileCache::of_this_thread().clear(); }
size_t compile_bytes(std::uintptr_t fun_id) { return CompileCache::of_this_thread().bytes(fun_id); }
size_t compile_cache_size() { return CompileCache::of_this_thread().size(); }
std::vector<uint64_t> take_dropped_traces() {
  return CompileCache::of_this_thread().take_dropped();
}

}  // namespace detail

Function compile(Function fun, bool shapeless) {
  if (!fun) throw std::invalid_argument("[compile] Expected a function.");
  auto number = std::make_shared<FunctionNumber>();
  return [fun = std::move(fun), number, shapeless](const std::vector<array>& inputs) {
    return detail::call_compiled(fun, number->value, shapeless, {}, inputs).outputs;
  };
}

Function compile(std::vector<array> (*fun)(const std::vector<array>&), bool shapeless) {
  return compile(Function(fun), shapeless);
}

void disable_compile() { mode() = CompileMode::disabled; }
void enable_compile() { mode() = CompileMode::enabled; }
void set_compile_mode(CompileMode new_mode) { mode() = new_mode; }

}  // namespace mlx::core
