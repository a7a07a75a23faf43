#include <algorithm>
#include <map>

#include "export/function_file.h"
#include "export/primitive_format.h"
#include "export/tracer.h"
#include "mlx/export.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"

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
  /// Where traces go: a file when it is closed, or a callback at once.
  std::string file;
  ExportCallback callback;
  Function fun;
  bool shapeless;
  ExportedFunction function;
  bool closed = false;

  void add(const Args& args, const Kwargs& kwargs) {
    if (closed) throw std::invalid_argument("[exporter] The exporter is closed.");
    ExportedTrace trace = Tracer(fun, args, kwargs).trace(shapeless);
    for (auto& other : function.traces)
      if (is_for_same_arguments(other, trace))
        throw std::invalid_argument(
            "[exporter] There is a trace for arguments of these shapes and dtypes already.");
    if (callback) tell(callback, trace);
    function.traces.push_back(std::move(trace));
  }
};

struct FunctionExporterAccess {
  static FunctionExporter make(const ExportCallback& callback, Function fun, bool shapeless) {
    if (!callback) throw std::invalid_argument("[exporter] The callback is empty.");
    auto impl = std::make_unique<FunctionExporter::Impl>();
    impl->callback = callback;
    impl->fun = std::move(fun);
    impl->shapeless = shapeless;
    return FunctionExporter(std::move(impl));
  }
  static FunctionExporter make(std::string file, Function fun, bool shapeless,
                               const std::optional<std::string>& metadata) {
    auto impl = std::make_unique<FunctionExporter::Impl>();
    impl->file = std::move(file);
    impl->fun = std::move(fun);
    impl->shapeless = shapeless;
    impl->function.metadata = metadata;
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
  if (!impl_->callback) write_function_file(impl_->file, impl_->function);
  impl_->closed = true;
}

FunctionExporter exporter(const std::string& file,
                          const std::function<std::vector<array>(const Args&)>& fun, bool shapeless,
                          const std::optional<std::string>& metadata) {
  return FunctionExporterAccess::make(file, taking_both(fun), shapeless, metadata);
}
FunctionExporter exporter(const std::string& file,
                          const std::function<std::vector<array>(const Kwargs&)>& fun,
                          bool shapeless, const std::optional<std::string>& metadata) {
  return FunctionExporterAccess::make(file, taking_both(fun), shapeless, metadata);
}
FunctionExporter exporter(const std::string& file, const Function& fun, bool shapeless,
                          const std::optional<std::string>& metadata) {
  return FunctionExporterAccess::make(file, fun, shapeless, metadata);
}

FunctionExporter exporter(const ExportCallback& callback,
                          const std::function<std::vector<array>(const Args&)>& fun,
                          bool shapeless) {
  return FunctionExporterAccess::make(callback, taking_both(fun), shapeless);
}
FunctionExporter exporter(const ExportCallback& callback,
                          const std::function<std::vector<array>(const Kwargs&)>& fun,
                          bool shapeless) {
  return FunctionExporterAccess::make(callback, taking_both(fun), shapeless);
}
FunctionExporter exporter(const ExportCallback& callback, const Function& fun, bool shapeless) {
  return FunctionExporterAccess::make(callback, fun, shapeless);
}

void export_function(const std::string& file,
                     const std::function<std::vector<array>(const Args&)>& fun, const Args& args,
                     bool shapeless, const std::optional<std::string>& metadata) {
  export_function(file, taking_both(fun), args, {}, shapeless, metadata);
}
void export_function(const std::string& file,
                     const std::function<std::vector<array>(const Kwargs&)>& fun,
                     const Kwargs& kwargs, bool shapeless,
                     const std::optional<std::string>& metadata) {
  export_function(file, taking_both(fun), {}, kwargs, shapeless, metadata);
}
void export_function(const std::string& file, const Function& fun, const Args& args,
                     const Kwargs& kwargs, bool shapeless,
                     const std::optional<std::string>& metadata) {
  auto one = exporter(file, fun, shapeless, metadata);
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
