// Functions in files, and drawings of graphs.

#include <filesystem>
#include <sstream>
#include <unordered_map>

#include "io/atomic_file.h"
#include "leaked_tracers.h"
#include "mlx/export.h"
#include "mlx/graph_utils.h"
#include "traced_call.h"

namespace mlx::addon {
namespace {

using NamedFunction =
    std::function<std::vector<core::array>(const core::Args&, const core::Kwargs&)>;

/// What an exporter's JavaScript function is traced with: arrays by position, then those of the
/// given names in their order.
struct ExportArguments {
  core::Args args;
  core::Kwargs kwargs;
  std::vector<std::string> names;

  ExportArguments(Environment& environment, napi_value arrays, napi_value given_names)
      : args(to_arrays(environment, arrays)), names(to_strings(environment.env, given_names)) {
    size_t first = args.size() - names.size();
    for (size_t i = 0; i < names.size(); ++i) kwargs.emplace(names[i], args[first + i]);
    args.erase(args.begin() + std::ptrdiff_t(first), args.end());
  }
};

/// (function) as the engine's, for the time of a call. Only the first call is the caller's own: a
/// function may refuse the other sizes that a shapeless export tries.
NamedFunction named_function(TransformCall& call, napi_value function,
                             const std::vector<std::string>& names, LeakedTracers& leaked) {
  auto is_trial = std::make_shared<bool>(false);
  return [&call, function, &names, &leaked, is_trial](const core::Args& args,
                                                      const core::Kwargs& kwargs) {
    std::vector<core::array> inputs = args;
    for (auto& name : names) inputs.push_back(kwargs.at(name));
    for (auto& input : inputs) leaked.add_placeholder(input);
    try {
      auto outputs =
          to_arrays(call.environment, call_function(call.environment, function, {inputs}));
      *is_trial = true;
      return outputs;
    } catch (const PendingException&) {
      if (!*is_trial) throw;
      napi_value refusal;
      napi_get_and_clear_last_exception(call.env, &refusal);
      throw std::invalid_argument("[export_function] The function refuses these sizes.");
    }
  };
}

/// Exporters that JavaScript has open, by number.
struct OpenExporter {
  core::FunctionExporter exporter;
  std::shared_ptr<NamedFunction> function;
  bool is_tracing = false;
};
using OpenExporters = std::unordered_map<uint32_t, OpenExporter>;
OpenExporters& open_exporters() {
  thread_local OpenExporters exporters;
  return exporters;
}

/// (file, shapeless, metadata or null): number of the exporter
napi_value open_exporter(TransformCall& call) {
  auto file = to_string(call.env, call.values[0]);
  bool shapeless = to_bool(call.env, call.values[1]);
  auto metadata = Argument<std::optional<std::string>>(call.environment, call.values[2]).get();
  thread_local uint32_t last = 0;
  auto function = std::make_shared<NamedFunction>();
  NamedFunction forward = [function](const core::Args& args, const core::Kwargs& kwargs) {
    return (*function)(args, kwargs);
  };
  open_exporters().emplace(
      ++last, OpenExporter{core::exporter(file, forward, shapeless, metadata), function});
  return to_js(call.env, last);
}

OpenExporters::iterator exporter_of(TransformCall& call, napi_value number) {
  auto found = open_exporters().find(uint32_t(to_int(call.env, number)));
  if (found == open_exporters().end())
    throw std::invalid_argument("[exporter] This exporter is closed.");
  if (found->second.is_tracing)
    throw std::invalid_argument(
        "[exporter] An exporter can be neither called nor closed by the function that it traces.");
  return found;
}

/// The function of an exporter for the time of a trace.
class TracedExport {
 public:
  TracedExport(OpenExporter& open, NamedFunction function) : open_(open) {
    open_.is_tracing = true;
    *open_.function = std::move(function);
  }
  ~TracedExport() {
    open_.is_tracing = false;
    *open_.function = nullptr;
  }
  TracedExport(const TracedExport&) = delete;
  TracedExport& operator=(const TracedExport&) = delete;

 private:
  OpenExporter& open_;
};

/// (function, number, arrays, names of the last of them)
napi_value add_trace(TransformCall& call) {
  ExportArguments arguments(call.environment, call.values[2], call.values[3]);
  OpenExporter& open = exporter_of(call, call.values[1])->second;
  LeakedTracers leaked(call.environment);
  TracedExport trace(open, named_function(call, call.values[0], arguments.names, leaked));
  open.exporter(arguments.args, arguments.kwargs);
  return to_js(call.env, true);
}

/// (number)
napi_value close_exporter(TransformCall& call) {
  auto open = exporter_of(call, call.values[0]);
  open->second.exporter.close();
  open_exporters().erase(open);
  return to_js(call.env, true);
}

// ---- Records for callbacks: lists of pairs, which TypeScript makes objects of

napi_value pair_to_js(napi_env env, napi_value first, napi_value second) {
  napi_value pair;
  napi_create_array_with_length(env, 2, &pair);
  napi_set_element(env, pair, 0, first);
  napi_set_element(env, pair, 1, second);
  return pair;
}

template <typename List, typename Convert>
napi_value map_to_js(napi_env env, const List& list, Convert convert) {
  napi_value result;
  napi_create_array_with_length(env, list.size(), &result);
  for (size_t i = 0; i < list.size(); ++i)
    napi_set_element(env, result, uint32_t(i), convert(list[i]));
  return result;
}

/// [kind, value]: dtypes go as their codes.
napi_value state_to_js(napi_env env, const core::StateT& state) {
  return std::visit(
      [&](const auto& value) {
        using T = std::remove_cvref_t<decltype(value)>;
        napi_value converted;
        if constexpr (std::is_same_v<T, core::Strides>) {
          converted = list_to_js(env, std::vector<double>(value.begin(), value.end()));
        } else if constexpr (std::is_same_v<T, std::vector<int>>) {
          converted = list_to_js(env, value);
        } else {
          converted = to_js(env, value);
        }
        return pair_to_js(env, to_js(env, std::is_same_v<T, core::Dtype>), converted);
      },
      state);
}

napi_value record_value_to_js(Environment& environment,
                              const core::ExportCallbackInput::mapped_type& value) {
  napi_env env = environment.env;
  struct Convert {
    Environment& environment;
    napi_env env;
    napi_value operator()(const std::string& text) const { return to_js(env, text); }
    napi_value operator()(
        const std::vector<std::tuple<std::string, core::Shape, core::Dtype>>& values) const {
      return map_to_js(env, values, [&](auto& value) {
        auto& [name, shape, dtype] = value;
        napi_value triple = pair_to_js(env, to_js(env, name), to_js(env, shape));
        napi_set_element(env, triple, 2, to_js(env, dtype));
        return triple;
      });
    }
    napi_value operator()(const std::vector<std::pair<std::string, core::array>>& values) const {
      return map_to_js(env, values, [&](auto& value) {
        return pair_to_js(env, to_js(env, value.first),
                          to_js(env, environment.slots.make_unattached(value.second)));
      });
    }
    napi_value operator()(const std::vector<std::pair<std::string, std::string>>& values) const {
      return map_to_js(env, values, [&](auto& value) {
        return pair_to_js(env, to_js(env, value.first), to_js(env, value.second));
      });
    }
    napi_value operator()(const std::vector<core::StateT>& values) const {
      return map_to_js(env, values, [&](auto& value) { return state_to_js(env, value); });
    }
  };
  return std::visit(Convert{environment, env}, value);
}

/// (function, callback, arrays, names of the last of them, shapeless)
napi_value tell_trace(TransformCall& call) {
  ExportArguments arguments(call.environment, call.values[2], call.values[3]);
  bool shapeless = to_bool(call.env, call.values[4]);
  LeakedTracers leaked(call.environment);
  auto tell = [&](const core::ExportCallbackInput& record) {
    // The trace is over: what it left has no meaning for the callback.
    leaked.mark();
    napi_value entries, receiver, result;
    napi_create_array(call.env, &entries);
    uint32_t count = 0;
    for (auto& [key, value] : record)
      napi_set_element(
          call.env, entries, count++,
          pair_to_js(call.env, to_js(call.env, key), record_value_to_js(call.environment, value)));
    napi_get_undefined(call.env, &receiver);
    call.environment.borrowed = false;
    if (napi_call_function(call.env, receiver, call.values[1], 1, &entries, &result) != napi_ok)
      throw PendingException{};
  };
  core::export_function(core::ExportCallback(tell),
                        named_function(call, call.values[0], arguments.names, leaked),
                        arguments.args, arguments.kwargs, shapeless);
  return to_js(call.env, true);
}

// ---- Import

std::unordered_map<uint32_t, core::ImportedFunction>& imported_functions() {
  thread_local std::unordered_map<uint32_t, core::ImportedFunction> functions;
  return functions;
}

/// (file): [number of the function, metadata or null]
napi_value import_function(TransformCall& call) {
  auto function = core::import_function(to_string(call.env, call.values[0]));
  thread_local uint32_t last = 0;
  napi_value metadata;
  napi_get_null(call.env, &metadata);
  if (function.metadata()) metadata = to_js(call.env, *function.metadata());
  imported_functions().emplace(++last, std::move(function));
  return pair_to_js(call.env, to_js(call.env, last), metadata);
}

/// (owner, number, file): forgets the function when its owner is dead.
napi_value own_imported(TransformCall& call) {
  auto number = uint32_t(to_int(call.env, call.values[1]));
  std::error_code unknown;
  auto bytes = std::filesystem::file_size(to_string(call.env, call.values[2]), unknown);
  call.environment.resources.add(call.values[0], unknown ? 0 : bytes,
                                 [number] { imported_functions().erase(number); });
  call.environment.collector.after_allocation();
  return to_js(call.env, true);
}

/// (number, arrays, names of the last of them): outputs
napi_value call_imported(TransformCall& call) {
  ExportArguments arguments(call.environment, call.values[1], call.values[2]);
  auto function = imported_functions().find(uint32_t(to_int(call.env, call.values[0])));
  if (function == imported_functions().end())
    throw std::invalid_argument("[import_function] This is no imported function.");
  return arrays_to_js(call.environment, function->second(arguments.args, arguments.kwargs));
}

/// (file, arrays, names: empty for letters)
napi_value export_to_dot(TransformCall& call) {
  auto file = to_string(call.env, call.values[0]);
  auto arrays = to_arrays(call.environment, call.values[1]);
  auto names = to_strings(call.env, call.values[2]);
  core::NodeNamer namer;
  for (size_t i = 0; i < names.size(); ++i)
    if (!names[i].empty()) namer.set_name(arrays[i], names[i]);
  std::ostringstream text;
  core::export_to_dot(text, namer, arrays);
  core::io::AtomicFile out("export_to_dot", file);
  out.write(text.view());
  out.commit();
  return to_js(call.env, true);
}

}  // namespace

FunctionTable export_functions() {
  return {
      {"openExporter", transform<open_exporter, 3>},
      {"addTrace", transform<add_trace, 4>},
      {"closeExporter", transform<close_exporter, 1>},
      {"tellTrace", transform<tell_trace, 5>},
      {"importFunction", transform<import_function, 1>},
      {"callImported", transform<call_imported, 3>},
      {"exportToDot", transform<export_to_dot, 3>},
      bind("forgetExporter", [](int number) { open_exporters().erase(uint32_t(number)); }),
      {"ownImported", transform<own_imported, 3>},
  };
}

}  // namespace mlx::addon
