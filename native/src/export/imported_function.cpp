#include <algorithm>
#include <map>
#include <stdexcept>

#include "export/function_file.h"
#include "export/node_check.h"
#include "mlx/errors.h"
#include "mlx/export.h"
#include "mlx/utils.h"

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

bool fits(const ExportedTrace& trace, const Call& call) {
  if (trace.positional != call.positional || trace.keywords != call.keywords) return false;
  std::vector<Shape> shapes;
  for (uint32_t i = 0; i < trace.graph.inputs; ++i) {
    if (trace.graph.values[i].dtype != call.inputs[i].dtype()) return false;
    shapes.push_back(call.inputs[i].shape());
  }
  return fits_sizes(trace.graph, trace.sizes.free, shapes);
}

bool has_shapes_of(const TracedGraph& graph, const std::vector<array>& inputs) {
  for (uint32_t i = 0; i < graph.inputs; ++i)
    if (graph.values[i].shape != inputs[i].shape()) return false;
  return true;
}

/// As `(float32 (2,?), y: int32 (n1,n1)) where n1 is 2, 4, 6 and so on`; `?` is any size.
std::string description_of(const ExportedTrace& trace) {
  std::map<std::pair<uint32_t, uint32_t>, std::string> names;
  std::ostringstream os, sizes;
  int named = 0;
  for (auto& one : trace.sizes.free) {
    bool is_any = one.axes.size() == 1 && one.step == 1 && one.least == 1;
    std::string name = is_any ? "?" : concat_text("n", ++named);
    for (auto [input, axis] : one.axes) names[{input, axis}] = name;
    if (!is_any)
      sizes << (sizes.tellp() > 0 ? ", " : " where ") << name << " is " << one.least << ", "
            << uint64_t(one.least) + one.step << ", " << uint64_t(one.least) + 2 * one.step
            << " and so on";
  }
  os << "(";
  for (uint32_t i = 0; i < trace.graph.inputs; ++i) {
    auto& value = trace.graph.values[i];
    if (i) os << ", ";
    if (i >= trace.positional) os << trace.keywords[i - trace.positional] << ": ";
    os << value.dtype << " (";
    for (uint32_t axis = 0; axis < value.shape.size(); ++axis) {
      os << (axis ? "," : "");
      auto name = names.find({i, axis});
      if (name != names.end()) {
        os << name->second;
      } else {
        os << value.shape[axis];
      }
    }
    os << ")";
  }
  os << ")" << sizes.str();
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
  try {
    auto values = replay_checked_values(for_sizes(graph, found->sizes, shapes), leaves);
    for (uint32_t output : graph.outputs) outputs.push_back(values[output]);
  } catch (const std::logic_error& error) {
    // An operation refuses what the trace left open.
    throw ShapeError(concat_text("[import_function] The trace in ", impl_->file, " does not serve ",
                                 description_of(call), ": ", error.what()));
  }
  return outputs;
}

bool ImportedFunction::has_metadata() const { return impl_->function.metadata.has_value(); }

const std::string& ImportedFunction::metadata() const {
  static const std::string none;
  auto& metadata = impl_->function.metadata;
  return metadata ? *metadata : none;
}

ImportedFunction import_function(const std::string& file) {
  auto function = read_function_file(file);
  return ImportedFunction(std::make_shared<const ImportedFunction::Impl>(
      ImportedFunction::Impl{file, std::move(function)}));
}

}  // namespace mlx::core
