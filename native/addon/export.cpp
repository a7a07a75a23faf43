// Functions in files, and drawings of graphs.

#include <filesystem>
#include <sstream>
#include <unordered_map>

#include "binder.h"
#include "io/atomic_file.h"
#include "leaked_tracers.h"
#include "mlx/export.h"
#include "mlx/graph_utils.h"

namespace mlx::addon {
namespace {

using Arrays = std::vector<core::array>;
using NamedFunction = std::function<Arrays(const core::Args&, const core::Kwargs&)>;

using TracedFunction = Callable<Arrays(Arrays)>;

/// What an exporter's JavaScript function is traced with: arrays by position, then those of the
/// given names in their order.
struct ExportArguments {
  core::Args args;
  core::Kwargs kwargs;
  std::vector<std::string> names;

  ExportArguments(Arrays arrays, std::vector<std::string> given_names)
      : args(std::move(arrays)), names(std::move(given_names)) {
    size_t first = args.size() - names.size();
    for (size_t i = 0; i < names.size(); ++i) kwargs.emplace(names[i], args[first + i]);
    args.erase(args.begin() + std::ptrdiff_t(first), args.end());
  }
};

/// The function as the engine's, for the time of a call. Only the first call is the caller's own: a
/// function may refuse the other sizes that a shapeless export tries.
NamedFunction named_function(const TracedFunction& function, const std::vector<std::string>& names,
                             LeakedTracers& leaked) {
  auto is_trial = std::make_shared<bool>(false);
  return [function, &names, &leaked, is_trial](const core::Args& args, const core::Kwargs& kwargs) {
    Arrays inputs = args;
    for (auto& name : names) inputs.push_back(kwargs.at(name));
    for (auto& input : inputs) leaked.add_placeholder(input);
    try {
      Arrays outputs = function(inputs);
      *is_trial = true;
      return outputs;
    } catch (const PendingException&) {
      if (!*is_trial) throw;
      napi_value refusal;
      napi_get_and_clear_last_exception(function.environment().env, &refusal);
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

/// The number of the exporter.
uint32_t open_exporter(std::string file, bool shapeless, std::optional<std::string> metadata) {
  thread_local uint32_t last = 0;
  auto function = std::make_shared<NamedFunction>();
  NamedFunction forward = [function](const core::Args& args, const core::Kwargs& kwargs) {
    return (*function)(args, kwargs);
  };
  open_exporters().emplace(
      ++last, OpenExporter{core::exporter(file, forward, shapeless, metadata), function});
  return last;
}

OpenExporters::iterator exporter_of(uint32_t number) {
  auto found = open_exporters().find(number);
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

/// The names are those of the last arrays.
void add_trace(Environment& environment, TracedFunction function, uint32_t number, Arrays arrays,
               std::vector<std::string> names) {
  ExportArguments arguments(std::move(arrays), std::move(names));
  OpenExporter& open = exporter_of(number)->second;
  LeakedTracers leaked(environment);
  TracedExport trace(open, named_function(function, arguments.names, leaked));
  open.exporter(arguments.args, arguments.kwargs);
}

void close_exporter(uint32_t number) {
  auto open = exporter_of(number);
  open->second.exporter.close();
  open_exporters().erase(open);
}

/// Tells of a trace record by record: each goes as pairs, which TypeScript makes an object of.
void tell_trace(Environment& environment, TracedFunction function,
                Callable<void(core::ExportCallbackInput)> tell, Arrays arrays,
                std::vector<std::string> names, bool shapeless) {
  ExportArguments arguments(std::move(arrays), std::move(names));
  LeakedTracers leaked(environment);
  auto tell_record = [&](const core::ExportCallbackInput& record) {
    // The trace is over: what it left has no meaning for the callback.
    leaked.mark();
    tell(record);
  };
  core::export_function(core::ExportCallback(tell_record),
                        named_function(function, arguments.names, leaked), arguments.args,
                        arguments.kwargs, shapeless);
}

// ---- Import

std::unordered_map<uint32_t, core::ImportedFunction>& imported_functions() {
  thread_local std::unordered_map<uint32_t, core::ImportedFunction> functions;
  return functions;
}

/// The number of the function, and its metadata.
std::pair<uint32_t, std::optional<std::string>> import_function(std::string file) {
  thread_local uint32_t last = 0;
  auto function = core::import_function(file);
  std::optional<std::string> metadata;
  if (function.has_metadata()) metadata = function.metadata();
  imported_functions().emplace(++last, std::move(function));
  return {last, metadata};
}

/// Forgets the function when its owner is dead.
void own_imported(Environment& environment, JsObject owner, uint32_t number, std::string file) {
  std::error_code unknown;
  auto bytes = std::filesystem::file_size(file, unknown);
  environment.resources.add(owner.value, unknown ? 0 : bytes,
                            [number] { imported_functions().erase(number); });
  environment.collector.after_allocation();
}

Arrays call_imported(uint32_t number, Arrays arrays, std::vector<std::string> names) {
  ExportArguments arguments(std::move(arrays), std::move(names));
  auto function = imported_functions().find(number);
  if (function == imported_functions().end())
    throw std::invalid_argument("[import_function] This is no imported function.");
  return function->second(arguments.args, arguments.kwargs);
}

/// Arrays with empty names are named by letters.
void export_to_dot(std::string file, Arrays arrays, std::vector<std::string> names) {
  core::NodeNamer namer;
  for (size_t i = 0; i < names.size(); ++i)
    if (!names[i].empty()) namer.set_name(arrays[i], names[i]);
  std::ostringstream text;
  core::export_to_dot(text, namer, arrays);
  core::io::AtomicFile out("export_to_dot", file);
  out.write(text.view());
  out.commit();
}

}  // namespace

FunctionTable export_functions() {
  return {
      bind<open_exporter>("openExporter"),
      bind<add_trace>("addTrace"),
      bind<close_exporter>("closeExporter"),
      bind("forgetExporter", [](uint32_t number) { open_exporters().erase(number); }),
      bind<tell_trace>("tellTrace"),
      bind<import_function>("importFunction"),
      bind<own_imported>("ownImported"),
      bind<call_imported>("callImported"),
      bind<export_to_dot>("exportToDot"),
  };
}

}  // namespace mlx::addon
