#include <algorithm>
#include <map>

#include "mlx/export.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "transforms/export/function_file.h"
#include "transforms/export/primitive_format.h"

namespace mlx::core {
namespace {

using Function = std::function<std::vector<array>(const Args&, const Kwargs&)>;

Function taking_both(const std::function<std::vector<array>(const Args&)>& fun) {
  return [fun](const Args& args, const Kwargs& kwargs) {
    if (!kwargs.empty())
      throw std::invalid_argument("[export_function] The function takes no keyword arguments.");
    return fun(args);
  };
}

Function taking_both(const std::function<std::vector<array>(const Kwargs&)>& fun) {
  return [fun](const Args& args, const Kwargs& kwargs) {
    if (!args.empty())
      throw std::invalid_argument("[export_function] The function takes keyword arguments alone.");
    return fun(kwargs);
  };
}

/// One function for one kind of arguments.
class Tracer {
 public:
  Tracer(const Function& fun, const Args& args, const Kwargs& kwargs)
      : fun_(fun), positional_(args.size()) {
    inputs_ = args;
    // In the order of names, so that files don't depend on hashing.
    for (auto& [name, value] : std::map<std::string, array>(kwargs.begin(), kwargs.end())) {
      keywords_.push_back(name);
      inputs_.push_back(value);
    }
  }

  ExportedTrace trace(bool shapeless) {
    std::vector<Shape> shapes;
    for (auto& input : inputs_) shapes.push_back(input.shape());
    bool saw_sizes;
    ExportedTrace result{run(shapes, shapeless, saw_sizes), uint32_t(positional_), keywords_, {}};
    for (auto& shape : shapes) result.free_axes.emplace_back(shape.size(), false);
    if (shapeless && !saw_sizes) find_free_axes(result, shapes);
    return result;
  }

 private:
  using Axes = std::vector<std::pair<size_t, size_t>>;

  TracedGraph run(const std::vector<Shape>& shapes, bool shapeless, bool& saw_sizes) const {
    std::vector<array> placeholders;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      placeholders.emplace_back(shapes[i], inputs_[i].dtype(), nullptr, std::vector<array>{});
      placeholders.back().set_tracer(true);
    }
    Args args(placeholders.begin(), placeholders.begin() + std::ptrdiff_t(positional_));
    Kwargs kwargs;
    for (size_t i = 0; i < keywords_.size(); ++i)
      kwargs.emplace(keywords_[i], placeholders[positional_ + i]);
    detail::InTracing tracing(shapeless);
    auto outputs = fun_(args, kwargs);
    saw_sizes = tracing.saw_sizes();
    return without_markers(record_graph(placeholders, outputs, true), false);
  }

  /// Tries other sizes: an axis is free if the trace for another size proves to be the same.
  void find_free_axes(ExportedTrace& trace, const std::vector<Shape>& shapes) const {
    std::map<int, Axes> of_size;
    std::vector<Axes> candidates;
    for (size_t i = 0; i < shapes.size(); ++i) {
      for (size_t axis = 0; axis < shapes[i].size(); ++axis) {
        if (shapes[i][axis] < 2) continue;
        of_size[shapes[i][axis]].push_back({i, axis});
        candidates.push_back({{i, axis}});
      }
    }
    // Axes of one size mostly must have the same.
    for (auto& [size, axes] : of_size)
      if (axes.size() > 1) candidates.push_back(axes);
    for (auto& axes : candidates) {
      auto other = shapes;
      for (auto [i, axis] : axes) ++other[i][axis];
      if (!holds_for(trace.graph, other)) continue;
      for (auto [i, axis] : axes) trace.free_axes[i][axis] = true;
    }
  }

  bool holds_for(const TracedGraph& graph, const std::vector<Shape>& shapes) const {
    try {
      bool saw_sizes;
      TracedGraph other = run(shapes, true, saw_sizes);
      return !saw_sizes && holds_for_sizes_of(graph, other);
    } catch (const std::logic_error&) {
      // The function doesn't take such sizes.
      return false;
    }
  }

  const Function& fun_;
  size_t positional_;
  std::vector<std::string> keywords_;
  std::vector<array> inputs_;
};

bool is_for_same_arguments(const ExportedTrace& a, const ExportedTrace& b) {
  if (a.positional != b.positional || a.keywords != b.keywords) return false;
  for (uint32_t i = 0; i < a.graph.inputs; ++i)
    if (a.graph.values[i].dtype != b.graph.values[i].dtype ||
        a.graph.values[i].shape != b.graph.values[i].shape)
      return false;
  return true;
}

// ---- Callbacks

using Named = std::vector<std::tuple<std::string, Shape, Dtype>>;

/// Names of values: letters, as a, b, ..., z, aa, ab.
std::string value_name(uint32_t number) {
  std::string name;
  for (uint64_t rest = uint64_t(number) + 1; rest > 0; rest = (rest - 1) / 26)
    name.insert(name.begin(), char('a' + (rest - 1) % 26));
  return name;
}

Named named_values(const TracedGraph& graph, const std::vector<uint32_t>& numbers) {
  Named named;
  for (uint32_t number : numbers)
    named.emplace_back(value_name(number), graph.values[number].shape, graph.values[number].dtype);
  return named;
}

std::vector<uint32_t> range(uint32_t begin, uint32_t count) {
  std::vector<uint32_t> numbers(count);
  for (uint32_t i = 0; i < count; ++i) numbers[i] = begin + i;
  return numbers;
}

void tell(const ExportCallback& callback, const ExportedTrace& trace) {
  const TracedGraph& graph = trace.graph;
  callback(
      {{"type", std::string("inputs")}, {"inputs", named_values(graph, range(0, graph.inputs))}});
  std::vector<std::pair<std::string, std::string>> keywords;
  for (size_t i = 0; i < trace.keywords.size(); ++i)
    keywords.emplace_back(trace.keywords[i], value_name(trace.positional + uint32_t(i)));
  callback({{"type", std::string("keyword_inputs")}, {"keywords", keywords}});
  callback({{"type", std::string("outputs")}, {"outputs", named_values(graph, graph.outputs)}});
  std::vector<std::pair<std::string, array>> constants;
  for (size_t i = 0; i < graph.constants.size(); ++i)
    constants.emplace_back(value_name(graph.inputs + uint32_t(i)), graph.constants[i]);
  callback({{"type", std::string("constants")}, {"constants", constants}});
  for (auto& node : graph.nodes)
    callback({{"type", std::string("primitive")},
              {"name", std::string(format_name(*node.primitive))},
              {"inputs", named_values(graph, node.inputs)},
              {"outputs", named_values(graph, range(node.first_output, node.outputs))},
              {"arguments", parameter_list(*node.primitive)}});
}

}  // namespace

struct FunctionExporter::Impl {
  std::string file;
  Function fun;
  bool shapeless;
  ExportedFunction function;
  bool closed = false;

  void add(const Args& args, const Kwargs& kwargs) {
    if (closed) throw std::invalid_argument("[exporter] The exporter of " + file + " is closed.");
    ExportedTrace trace = Tracer(fun, args, kwargs).trace(shapeless);
    for (auto& other : function.traces)
      if (is_for_same_arguments(other, trace))
        throw std::invalid_argument(
            "[exporter] There is a trace for arguments of these shapes and dtypes already.");
    function.traces.push_back(std::move(trace));
  }
};

struct FunctionExporterAccess {
  static FunctionExporter make(std::string file, Function fun, bool shapeless,
                               std::optional<std::string> metadata) {
    auto impl = std::make_unique<FunctionExporter::Impl>();
    impl->file = std::move(file);
    impl->fun = std::move(fun);
    impl->shapeless = shapeless;
    impl->function.metadata = std::move(metadata);
    return FunctionExporter(std::move(impl));
  }
};

FunctionExporter::FunctionExporter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FunctionExporter::FunctionExporter(FunctionExporter&&) noexcept = default;
FunctionExporter& FunctionExporter::operator=(FunctionExporter&&) noexcept = default;

FunctionExporter::~FunctionExporter() {
  try {
    if (impl_ && !impl_->function.traces.empty()) close();
  } catch (...) {
    // close() tells of errors to who calls it.
  }
}

void FunctionExporter::operator()(const Args& args, const Kwargs& kwargs) {
  impl_->add(args, kwargs);
}

void FunctionExporter::close() {
  if (impl_->closed) return;
  write_function_file(impl_->file, impl_->function);
  impl_->closed = true;
}

FunctionExporter exporter(const std::string& file,
                          const std::function<std::vector<array>(const Args&)>& fun, bool shapeless,
                          std::optional<std::string> metadata) {
  return FunctionExporterAccess::make(file, taking_both(fun), shapeless, std::move(metadata));
}
FunctionExporter exporter(const std::string& file,
                          const std::function<std::vector<array>(const Kwargs&)>& fun,
                          bool shapeless, std::optional<std::string> metadata) {
  return FunctionExporterAccess::make(file, taking_both(fun), shapeless, std::move(metadata));
}
FunctionExporter exporter(const std::string& file, const Function& fun, bool shapeless,
                          std::optional<std::string> metadata) {
  return FunctionExporterAccess::make(file, fun, shapeless, std::move(metadata));
}

void export_function(const std::string& file,
                     const std::function<std::vector<array>(const Args&)>& fun, const Args& args,
                     bool shapeless, std::optional<std::string> metadata) {
  export_function(file, taking_both(fun), args, {}, shapeless, std::move(metadata));
}
void export_function(const std::string& file,
                     const std::function<std::vector<array>(const Kwargs&)>& fun,
                     const Kwargs& kwargs, bool shapeless, std::optional<std::string> metadata) {
  export_function(file, taking_both(fun), {}, kwargs, shapeless, std::move(metadata));
}
void export_function(const std::string& file, const Function& fun, const Args& args,
                     const Kwargs& kwargs, bool shapeless, std::optional<std::string> metadata) {
  auto one = exporter(file, fun, shapeless, std::move(metadata));
  one(args, kwargs);
  one.close();
}

void export_function(const ExportCallback& callback,
                     const std::function<std::vector<array>(const Args&)>& fun, const Args& args,
                     bool shapeless) {
  export_function(callback, taking_both(fun), args, {}, shapeless);
}
void export_function(const ExportCallback& callback,
                     const std::function<std::vector<array>(const Kwargs&)>& fun,
                     const Kwargs& kwargs, bool shapeless) {
  export_function(callback, taking_both(fun), {}, kwargs, shapeless);
}
void export_function(const ExportCallback& callback, const Function& fun, const Args& args,
                     const Kwargs& kwargs, bool shapeless) {
  tell(callback, Tracer(fun, args, kwargs).trace(shapeless));
}

}  // namespace mlx::core
