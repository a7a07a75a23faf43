// Compiled functions.

#include "binder.h"
#include "leaked_tracers.h"
#include "mlx/compile.h"
#include "mlx/compile_impl.h"

namespace mlx::addon {
namespace {

using Arrays = std::vector<core::array>;

/// A text as the numbers that the engine compares.
std::vector<uint64_t> to_constants(const std::string& text) {
  std::vector<uint64_t> constants(1 + (text.size() + 7) / 8);
  constants[0] = text.size();
  std::copy(text.begin(), text.end(), reinterpret_cast<char*>(constants.data() + 1));
  return constants;
}

/// The number of the trace, the outputs, and the numbers of traces that are gone.
using CompiledCall = std::tuple<double, std::vector<core::array>, std::vector<double>>;

CompiledCall call_compiled(Environment& environment, Callable<Arrays(Arrays)> function,
                           double number, bool shapeless, std::string constants, Arrays inputs) {
  LeakedTracers leaked(environment);
  auto traced = [&](const Arrays& placeholders) {
    for (auto& placeholder : placeholders) leaked.add_placeholder(placeholder);
    return function(placeholders);
  };
  auto result = core::detail::call_compiled(traced, std::uintptr_t(number), shapeless,
                                            to_constants(constants), inputs);
  leaked.mark();
  auto dropped = core::detail::take_dropped_traces();
  return {double(result.trace), std::move(result.outputs), {dropped.begin(), dropped.end()}};
}

}  // namespace

FunctionTable compile_functions() {
  return {
      bind("compileNewId", [] { return double(core::detail::compile_new_id()); }),
      bind<call_compiled>("callCompiled"),
      // The number of a resource: the function owns its traces.
      bind("ownCompiled",
           [](Environment& environment, JsObject function, double number) {
             return environment.resources.add(function.value, 0, [number] {
               core::detail::compile_erase(std::uintptr_t(number));
             });
           }),
      // Counts what the traces of a function hold by now.
      bind("countTraces",
           [](Environment& environment, uint32_t resource, double number) {
             environment.resources.set_bytes(resource,
                                             core::detail::compile_bytes(std::uintptr_t(number)));
             environment.collector.after_allocation();
           }),
      bind("compileIsDisabled",
           [] { return core::detail::compile_mode() == core::CompileMode::disabled; }),
      bind("disableCompile", [] { core::disable_compile(); }),
      bind("enableCompile", [] { core::enable_compile(); }),
  };
}

}  // namespace mlx::addon
