#include <algorithm>
#include <map>

#include "mlx/export.h"
#include "mlx/utils.h"
#include "transforms/export/function_file.h"
#include "transforms/export/node_check.h"

namespace mlx::core {

struct ImportedFunction::Impl {
  std::string file;
  ExportedFunction function;
};

namespace {

struct Call {
  uint32_t positional;
  std::vector<std::string> keywords;
  std::vector<array> inputs;
};

bool fits_sizes(const Shape& shape, const Shape& traced, const std::vector<uint8_t>& least) {
  if (shape.size() != traced.size()) return false;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] != traced[axis] && (least[axis] == 0 || shape[axis] < least[axis]))
      return false;
  return true;
}

bool fits(const ExportedTrace& trace, const Call& call) {
  if (trace.positional != call.positional || trace.keywords != call.keywords) return false;
  for (uint32_t i = 0; i < trace.graph.inputs; ++i) {
    auto& value = trace.graph.values[i];
    if (value.dtype != call.inputs[i].dtype() ||
        !fits_sizes(call.inputs[i].shape(), value.shape, trace.least_sizes[i]))
      return false;
  }
  return true;
}

bool has_shapes_of(const TracedGraph& graph, const std::vector<array>& inputs) {
  for (uint32_t i = 0; i < graph.inputs; ++i)
    if (graph.values[i].shape != inputs[i].shape()) return false;
  return true;
}

/// As `(float32 (2,?), y: int32 ())`; free sizes are question marks.
std::string description_of(const ExportedTrace& trace) {
  std::ostringstream os;
  os << "(";
  for (uint32_t i = 0; i < trace.graph.inputs; ++i) {
    auto& value = trace.graph.values[i];
    if (i) os << ", ";
    if (i >= trace.positional) os << trace.keywords[i - trace.positional] << ": ";
    os << value.dtype << " (";
    for (size_t axis = 0; axis < value.shape.size(); ++axis) {
      os << (axis ? "," : "");
      if (trace.least_sizes[i][axis] > 0) {
        os << "?";
      } else {
        os << value.shape[axis];
      }
    }
    os << ")";
  }
  os << ")";
  return os.str();
}

std::string description_of(const Call& call) {
  std::ostringstream os;
  os << "(";
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    if (i) os << ", ";
    if (i >= call.positional) os << call.keywords[i - call.positional] << ": ";
    os << call.inputs[i].dtype() << " " << call.inputs[i].shape();
  }
  os << ")";
  return os.str();
}

}  // namespace

std::vector<array> ImportedFunction::operator()(const Args& args, const Kwargs& kwargs) const {
  Call call{uint32_t(args.size()), {}, args};
  for (auto& [name, value] : std::map<std::string, array>(kwargs.begin(), kwargs.end())) {
    call.keywords.push_back(name);
    call.inputs.push_back(value);
  }
  auto& traces = impl_->function.traces;
  auto found = std::find_if(traces.begin(), traces.end(),
                            [&](const ExportedTrace& trace) { return fits(trace, call); });
  if (found == traces.end()) {
    std::string message = concat_text("[import_function] ", impl_->file, " has no trace for ",
                                      description_of(call), ". There is one for");
    for (size_t i = 0; i < traces.size(); ++i)
      message += (i ? ", " : " ") + description_of(traces[i]);
    throw std::invalid_argument(message + ".");
  }
  const TracedGraph& graph = found->graph;
  if (has_shapes_of(graph, call.inputs)) return replay_graph(graph, call.inputs, false);
  // Which axes are free is what the file says: parameters must fit the sizes that come.
  std::vector<Shape> shapes;
  for (auto& input : call.inputs) shapes.push_back(input.shape());
  std::vector<array> leaves = call.inputs, outputs;
  leaves.insert(leaves.end(), graph.constants.begin(), graph.constants.end());
  auto values = replay_checked_values(for_sizes(graph, found->size_rules, shapes), leaves);
  for (uint32_t output : graph.outputs) outputs.push_back(values[output]);
  return outputs;
}

const std::optional<std::string>& ImportedFunction::metadata() const {
  return impl_->function.metadata;
}

ImportedFunction import_function(const std::string& file) {
  auto function = read_function_file(file);
  return ImportedFunction(std::make_shared<const ImportedFunction::Impl>(
      ImportedFunction::Impl{file, std::move(function)}));
}

}  // namespace mlx::core
