#include "export/tracer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "export/node_check.h"
#include "export/node_kinds.h"
#include "graph/graph_walk.h"
#include "mlx/ops.h"
#include "mlx/transforms_impl.h"

namespace mlx::core {
namespace {

std::unordered_set<std::uintptr_t> unevaluated_ids(const std::vector<array>& outputs) {
  std::unordered_set<std::uintptr_t> ids;
  auto order =
      topological_order(outputs, [](const array& a) { return a.status() == array::unscheduled; });
  for (auto& node : order)
    for (auto& output : node.outputs()) ids.insert(output.id());
  return ids;
}

/// How many steps to go from a size of so many, near and far.
std::vector<int> steps_to_try(int size) { return {1, 2, size + 3, 1000}; }

constexpr uint32_t largest_step = 64;

/// Steps that sizes are often bound to: halves, patches, groups of heads.
std::vector<uint32_t> common_steps(int size) {
  std::vector<uint32_t> steps;
  for (uint32_t step = 1; step <= largest_step; ++step)
    if (step <= 8 || uint32_t(size) % step == 0) steps.push_back(step);
  return steps;
}

/// Adds what the differences to a trace with one step more along some free sizes tell.
void add_rules(std::vector<SizeRule>& rules, const std::vector<SizeDifference>& differences,
               const std::vector<uint32_t>& sizes) {
  for (auto& difference : differences) {
    auto rule = std::find_if(rules.begin(), rules.end(), [&](const SizeRule& one) {
      return one.node == difference.node && one.position == difference.position;
    });
    if (rule == rules.end())
      rule = rules.insert(rules.end(), {difference.node, difference.position, {}});
    rule->terms.push_back({sizes, difference.by});
  }
}

}  // namespace

Tracer::Tracer(const Function& fun, const Args& args, const Kwargs& kwargs)
    : fun_(fun), positional_(args.size()) {
  inputs_ = args;
  // In the order of names, so that files don't depend on hashing.
  for (auto& [name, value] : std::map<std::string, array>(kwargs.begin(), kwargs.end())) {
    keywords_.push_back(name);
    inputs_.push_back(value);
  }
  for (auto& input : inputs_) shapes_.push_back(input.shape());
}

ExportedTrace Tracer::trace(bool shapeless) {
  Run first = run(shapes_, shapeless);
  // What the function itself makes is made again by a second call.
  std::optional<Run> second;
  if (shapeless) {
    second = run(shapes_, true);
    auto made_later = unevaluated_ids(second->outputs);
    for (auto id : unevaluated_ids(first.outputs))
      if (made_later.count(id)) lasting_.insert(id);
  }
  ExportedTrace result{
      shapeless ? record(first)
                : without_markers(record_graph(first.placeholders, first.outputs, true), false),
      uint32_t(positional_),
      keywords_,
      {}};
  if (shapeless) find_free_sizes(result);
  return result;
}

std::vector<array> Tracer::call(const std::vector<array>& inputs) const {
  auto first_named = inputs.begin() + std::ptrdiff_t(positional_);
  Args args(inputs.begin(), first_named);
  Kwargs kwargs;
  for (size_t i = 0; i < keywords_.size(); ++i)
    kwargs.emplace(keywords_[i], inputs[positional_ + i]);
  return fun_(args, kwargs);
}

Tracer::Run Tracer::run(const std::vector<Shape>& shapes, bool shapeless) const {
  Run result;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    result.placeholders.emplace_back(shapes[i], inputs_[i].dtype(), nullptr, std::vector<array>{});
    result.placeholders.back().set_tracer(true);
  }
  detail::InTracing tracing(shapeless);
  result.outputs = call(result.placeholders);
  return result;
}

TracedGraph Tracer::record(const Run& run) const {
  auto is_made_here = [&](const array& node) {
    return !lasting_.count(node.id()) && is_node_kind(node.primitive());
  };
  return without_markers(record_graph(run.placeholders, run.outputs, true, is_made_here), false);
}

void Tracer::find_free_sizes(ExportedTrace& trace) const {
  std::map<std::pair<int, uint32_t>, Axes> by_input, by_axis;
  std::map<int, Axes> by_size;
  for (uint32_t input = 0; input < shapes_.size(); ++input) {
    for (uint32_t axis = 0; axis < shapes_[input].size(); ++axis) {
      int size = shapes_[input][axis];
      if (size == 0) continue;
      by_input[{int(input), uint32_t(size)}].push_back({input, axis});
      by_axis[{size, axis}].push_back({input, axis});
      by_size[size].push_back({input, axis});
    }
  }
  auto still_fixed = [&](Axes axes) {
    for (auto& one : trace.sizes.free)
      for (InputAxis taken : one.axes)
        axes.erase(std::remove_if(axes.begin(), axes.end(),
                                  [&](InputAxis at) {
                                    return at.input == taken.input && at.axis == taken.axis;
                                  }),
                   axes.end());
    return axes;
  };
  auto attempt = [&](const Axes& candidate, uint32_t step, bool only_to_small) {
    Axes axes = still_fixed(candidate);
    if (axes.empty()) return;
    int size = shapes_[axes[0].input][axes[0].axis];
    auto steps = common_steps(size);
    if (std::find(steps.begin(), steps.end(), step) == steps.end()) return;
    auto sizes = with_free(trace, axes, step);
    // From its own size up, a size may be free alone that is freer together with others.
    if (!sizes || (only_to_small && size > 2 && sizes->free.back().least == uint32_t(size))) return;
    trace.sizes = std::move(*sizes);
  };
  // Rather a square of any size than a matrix of any height and one width.
  auto attempt_input = [&](const Axes& axes, uint32_t step, bool only_to_small) {
    TracedSizes before = trace.sizes;
    for (InputAxis axis : axes) attempt({axis}, step, only_to_small);
    if (axes.size() == 1 || still_fixed(axes).empty()) return;
    TracedSizes alone = std::exchange(trace.sizes, before);
    attempt(axes, step, only_to_small);
    if (!still_fixed(axes).empty()) trace.sizes = std::move(alone);
  };
  for (uint32_t step = 1; step <= largest_step; ++step) {
    for (bool only_to_small : {true, false}) {
      for (auto& [key, axes] : by_input) attempt_input(axes, step, only_to_small);
      for (auto& [key, axes] : by_axis) attempt(axes, step, only_to_small);
      for (auto& [key, axes] : by_size) attempt(axes, step, only_to_small);
    }
  }
}

std::optional<TracedSizes> Tracer::with_free(const ExportedTrace& trace, const Axes& axes,
                                             uint32_t step) const {
  const TracedGraph& graph = trace.graph;
  TracedSizes sizes = trace.sizes;
  auto number = uint32_t(sizes.free.size());
  sizes.free.push_back({axes, step, 0});
  std::vector<int> steps(sizes.free.size(), 0);
  steps.back() = 1;
  try {
    auto differences = size_differences(graph, record(run(grown(sizes.free, steps), true)));
    if (!differences) return std::nullopt;
    add_rules(sizes.rules, *differences, {number});
  } catch (const std::exception&) {
    // The function doesn't take such sizes.
    return std::nullopt;
  }
  steps.back() = 2;
  if (!agrees(graph, sizes, grown(sizes.free, steps))) add_square(graph, sizes);
  for (int by : steps_to_try(shapes_[axes[0].input][axes[0].axis])) {
    steps.back() = by;
    if (!agrees(graph, sizes, grown(sizes.free, steps))) return std::nullopt;
  }
  sizes.free.back().least = least_size(graph, sizes);
  // All together.
  for (uint32_t i = 0; i <= number; ++i) steps[i] = int(i) + 1;
  auto shapes = grown(sizes.free, steps);
  for (uint32_t other = 0; other < number; ++other) add_product(graph, sizes, {other, number});
  if (agrees(graph, sizes, shapes)) return sizes;
  for (uint32_t right = 1; right < number; ++right)
    for (uint32_t left = 0; left < right; ++left) add_product(graph, sizes, {left, right, number});
  if (agrees(graph, sizes, shapes)) return sizes;
  return std::nullopt;
}

void Tracer::add_product(const TracedGraph& graph, TracedSizes& sizes,
                         const std::vector<uint32_t>& factors) const {
  std::vector<int> steps(sizes.free.size(), 0);
  for (uint32_t factor : factors) steps[factor] = 1;
  auto shapes = grown(sizes.free, steps);
  try {
    auto differences = size_differences(for_sizes(graph, sizes, shapes), record(run(shapes, true)));
    if (differences) add_rules(sizes.rules, *differences, factors);
  } catch (const std::exception&) {
    // The function doesn't take them together.
  }
}

void Tracer::add_square(const TracedGraph& graph, TracedSizes& sizes) const {
  auto last = uint32_t(sizes.free.size() - 1);
  std::vector<int> steps(sizes.free.size(), 0);
  steps.back() = 2;
  auto shapes = grown(sizes.free, steps);
  try {
    auto differences = size_differences(for_sizes(graph, sizes, shapes), record(run(shapes, true)));
    if (!differences) return;
    // So much beyond twice the growth of one step: b steps^2 grows by 2 b more.
    for (auto& difference : *differences) {
      if (difference.by % 2 != 0) return;
      difference.by /= 2;
    }
    add_rules(sizes.rules, *differences, {last, last});
    for (auto& difference : *differences) difference.by = -difference.by;
    add_rules(sizes.rules, *differences, {last});
  } catch (const std::exception&) {
    // The function doesn't take such sizes.
  }
}

uint32_t Tracer::least_size(const TracedGraph& graph, const TracedSizes& sizes) const {
  auto& last = sizes.free.back();
  int size = shapes_[last.axes[0].input][last.axes[0].axis];
  std::vector<int> steps(sizes.free.size(), 0);
  auto serves = [&](int down) {
    steps.back() = -down;
    auto shapes = grown(sizes.free, steps);
    return agrees(graph, sizes, shapes) || agrees_on_parts(graph, sizes, shapes);
  };
  // By halves: a size that counts from both ends is wrong between a size and its half.
  std::vector<int> probes = {size - int(last.step), size / 2, 3, 2, 1};
  for (int half = size / 4; half > 3; half /= 2) probes.insert(probes.end() - 3, half);
  int farthest = (size - 1) / int(last.step), good = 0, bad = farthest + 1;
  for (int probe : probes) {
    int down = std::min((size - probe) / int(last.step), farthest);
    if (down <= good) continue;
    if (!serves(down)) {
      bad = down;
      break;
    }
    good = down;
  }
  while (bad - good > 1) {
    int middle = good + (bad - good) / 2;
    (serves(middle) ? good : bad) = middle;
  }
  return uint32_t(size - good * int(last.step));
}

std::vector<Shape> Tracer::grown(const std::vector<FreeSize>& free,
                                 const std::vector<int>& steps) const {
  auto shapes = shapes_;
  for (size_t i = 0; i < free.size(); ++i)
    for (auto [input, axis] : free[i].axes) shapes[input][axis] += steps[i] * int(free[i].step);
  return shapes;
}

bool Tracer::agrees(const TracedGraph& graph, const TracedSizes& sizes,
                    const std::vector<Shape>& shapes) const {
  std::optional<TracedGraph> expected;
  try {
    expected = record(run(shapes, true));
  } catch (const std::exception&) {
    return !takes_sizes(graph, sizes, shapes);
  }
  try {
    return predicts(graph, sizes, *expected);
  } catch (const std::exception&) {
    return false;
  }
}

bool Tracer::agrees_on_parts(const TracedGraph& graph, const TracedSizes& sizes,
                             const std::vector<Shape>& shapes) const {
  try {
    std::vector<array> inputs;
    for (size_t i = 0; i < inputs_.size(); ++i)
      inputs.push_back(slice(inputs_[i], Shape(shapes[i].size(), 0), shapes[i]));
    auto expected = call(inputs);
    std::vector<array> leaves = inputs;
    leaves.insert(leaves.end(), graph.constants.begin(), graph.constants.end());
    auto values = replay_checked_values(for_sizes(graph, sizes, shapes), std::move(leaves));
    for (size_t i = 0; i < expected.size(); ++i) {
      auto& value = values[graph.outputs.at(i)];
      if (value.shape() != expected[i].shape() || value.dtype() != expected[i].dtype() ||
          !array_equal(value, expected[i], true).item<bool>())
        return false;
    }
    return expected.size() == graph.outputs.size();
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace mlx::core
