#include "transforms/export/tracer.h"

#include <algorithm>
#include <map>
#include <optional>

#include "mlx/transforms_impl.h"
#include "transforms/export/node_kinds.h"
#include "transforms/graph_walk.h"

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

/// Sizes to try beside one, near and far.
std::vector<int> other_sizes(int size) { return {size + 1, size + 2, 2 * size + 3, size + 1000}; }

/// The rules with those that the differences to a trace with one more along some axes tell.
std::vector<SizeRule> joined_rules(std::vector<SizeRule> rules,
                                   const std::vector<SizeDifference>& differences,
                                   const std::vector<InputAxis>& axes) {
  for (auto& difference : differences) {
    auto rule = std::find_if(rules.begin(), rules.end(), [&](const SizeRule& one) {
      return one.node == difference.node && one.position == difference.position;
    });
    if (rule == rules.end())
      rule = rules.insert(rules.end(), {difference.node, difference.position, {}});
    rule->terms.push_back({axes, difference.by});
  }
  return rules;
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
      {},
      {}};
  for (auto& shape : shapes_) result.least_sizes.emplace_back(shape.size(), uint8_t(0));
  if (shapeless) find_free_axes(result);
  return result;
}

Tracer::Run Tracer::run(const std::vector<Shape>& shapes, bool shapeless) const {
  Run result;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    result.placeholders.emplace_back(shapes[i], inputs_[i].dtype(), nullptr, std::vector<array>{});
    result.placeholders.back().set_tracer(true);
  }
  auto first_named = result.placeholders.begin() + std::ptrdiff_t(positional_);
  Args args(result.placeholders.begin(), first_named);
  Kwargs kwargs;
  for (size_t i = 0; i < keywords_.size(); ++i)
    kwargs.emplace(keywords_[i], result.placeholders[positional_ + i]);
  detail::InTracing tracing(shapeless);
  result.outputs = fun_(args, kwargs);
  return result;
}

TracedGraph Tracer::record(const Run& run) const {
  auto is_made_here = [&](const array& node) {
    return !lasting_.count(node.id()) && is_node_kind(node.primitive());
  };
  return without_markers(record_graph(run.placeholders, run.outputs, true, is_made_here), false);
}

void Tracer::find_free_axes(ExportedTrace& trace) const {
  std::vector<std::pair<Axes, std::vector<SizeRule>>> found;
  auto is_free = [&](InputAxis at) { return trace.least_sizes[at.input][at.axis] > 0; };
  auto attempt = [&](Axes axes) {
    axes.erase(std::remove_if(axes.begin(), axes.end(), is_free), axes.end());
    if (axes.empty()) return;
    auto before = trace.size_rules;
    if (try_axes(trace, axes)) found.emplace_back(axes, std::move(before));
  };
  // Alone, with the same axis of other inputs, with others of the input, and with all of one size.
  std::map<std::pair<int, uint32_t>, Axes> by_axis, by_input;
  std::map<int, Axes> by_size;
  for (uint32_t input = 0; input < shapes_.size(); ++input) {
    for (uint32_t axis = 0; axis < shapes_[input].size(); ++axis) {
      int size = shapes_[input][axis];
      if (size == 0) continue;
      attempt({{input, axis}});
      by_axis[{size, axis}].push_back({input, axis});
      by_input[{size, input}].push_back({input, axis});
      by_size[size].push_back({input, axis});
    }
  }
  for (auto& [key, axes] : by_axis)
    if (axes.size() > 1) attempt(axes);
  for (auto& [key, axes] : by_input)
    if (axes.size() > 1) attempt(axes);
  for (auto& [size, axes] : by_size)
    if (axes.size() > 1) attempt(axes);

  for (size_t right = 1; right < found.size(); ++right)
    for (size_t left = 0; left < right; ++left)
      add_products(trace, found[left].first, found[right].first);
  // All together.
  while (found.size() > 1) {
    auto shapes = shapes_;
    int by = 1;
    for (auto& [axes, rules] : found) {
      for (auto [input, axis] : axes) shapes[input][axis] += by;
      ++by;
    }
    if (predicts_sizes(trace, trace.size_rules, shapes)) break;
    for (auto [input, axis] : found.back().first) trace.least_sizes[input][axis] = 0;
    trace.size_rules = std::move(found.back().second);
    found.pop_back();
  }
}

bool Tracer::try_axes(ExportedTrace& trace, const Axes& axes) const {
  auto [input, axis] = axes[0];
  int size = shapes_[input][axis];
  auto with_size = [&](int other) {
    auto shapes = shapes_;
    for (auto [i, a] : axes) shapes[i][a] = other;
    return shapes;
  };
  std::vector<SizeRule> rules;
  try {
    auto differences = size_differences(trace.graph, record(run(with_size(size + 1), true)));
    if (!differences) return false;
    rules = joined_rules(trace.size_rules, *differences, {axes[0]});
  } catch (const std::exception&) {
    // The function doesn't take such sizes.
    return false;
  }
  for (int other : other_sizes(size))
    if (!predicts_sizes(trace, rules, with_size(other))) return false;
  // A size of one may have a meaning of its own.
  uint8_t least = size == 1 || predicts_sizes(trace, rules, with_size(1)) ? 1 : 2;
  for (auto [i, a] : axes) trace.least_sizes[i][a] = least;
  trace.size_rules = std::move(rules);
  return true;
}

void Tracer::add_products(ExportedTrace& trace, const Axes& left, const Axes& right) const {
  auto shapes = shapes_;
  for (auto* axes : {&left, &right})
    for (auto [input, axis] : *axes) ++shapes[input][axis];
  try {
    auto expected = for_sizes(trace.graph, trace.size_rules, shapes);
    auto differences = size_differences(expected, record(run(shapes, true)));
    if (differences)
      trace.size_rules = joined_rules(trace.size_rules, *differences, {left[0], right[0]});
  } catch (const std::exception&) {
    // The function doesn't take them together.
  }
}

bool Tracer::predicts_sizes(const ExportedTrace& trace, const std::vector<SizeRule>& rules,
                            const std::vector<Shape>& shapes) const {
  try {
    return predicts(trace.graph, rules, record(run(shapes, true)));
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace mlx::core
