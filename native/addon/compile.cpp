// Compiled and custom functions.

#include "mlx/compile.h"
#include "leaked_tracers.h"
#include "mlx/compile_impl.h"
#include "mlx/transforms_impl.h"
#include "traced_call.h"

namespace mlx::addon {
namespace {

/// A text as the numbers that the engine compares.
std::vector<uint64_t> to_constants(const std::string& text) {
  std::vector<uint64_t> constants(1 + (text.size() + 7) / 8);
  constants[0] = text.size();
  std::copy(text.begin(), text.end(), reinterpret_cast<char*>(constants.data() + 1));
  return constants;
}

/// (function, number of the function, shapeless, constants as a text, inputs):
/// [number of the trace, outputs, numbers of traces that are gone]
napi_value call_compiled(TransformCall& call) {
  napi_env env = call.env;
  Environment& environment = call.environment;
  auto number = std::uintptr_t(to_double(env, call.values[1]));
  bool shapeless = to_bool(env, call.values[2]);
  auto constants = to_constants(to_string(env, call.values[3]));
  auto inputs = to_arrays(environment, call.values[4]);
  LeakedTracers leaked(environment);
  auto function = [&](const std::vector<core::array>& placeholders) {
    for (auto& placeholder : placeholders) leaked.add_placeholder(placeholder);
    return to_arrays(environment, call_function(environment, call.values[0], {placeholders}));
  };
  auto result = core::detail::call_compiled(function, number, shapeless, constants, inputs);
  leaked.mark();
  std::vector<double> dropped;
  for (uint64_t trace : core::detail::take_dropped_traces()) dropped.push_back(double(trace));
  napi_value answer;
  napi_create_array_with_length(env, 3, &answer);
  napi_set_element(env, answer, 0, to_js(env, double(result.trace)));
  napi_set_element(env, answer, 1, arrays_to_js(environment, std::move(result.outputs)));
  napi_set_element(env, answer, 2, list_to_js(env, dropped));
  return answer;
}

/// (compiled function, its number): number of the resource. The function owns its traces.
napi_value own_compiled(TransformCall& call) {
  auto number = std::uintptr_t(to_double(call.env, call.values[1]));
  return to_js(call.env, call.environment.resources.add(
                             call.values[0], 0, [number] { core::detail::compile_erase(number); }));
}

/// (number of the resource, number of the function): counts what its traces hold by now.
napi_value count_traces(TransformCall& call) {
  auto resource = OwnedResources::Id(to_double(call.env, call.values[0]));
  auto number = std::uintptr_t(to_double(call.env, call.values[1]));
  call.environment.resources.set_bytes(resource, core::detail::compile_bytes(number));
  call.environment.collector.after_allocation();
  return to_js(call.env, true);
}

/// A JavaScript function that graph nodes may hold. It gets lists of slot numbers.
class HeldFunction {
 public:
  HeldFunction(Environment& environment, napi_value function)
      : environment_(environment), function_(environment.functions, function) {}

  std::vector<core::array> operator()(const std::vector<std::vector<core::array>>& lists) const {
    return to_arrays(environment_, answer(lists));
  }
  napi_value answer(const std::vector<std::vector<core::array>>& lists,
                    const std::vector<int>* integers = nullptr) const {
    return call_function(environment_, function_.value(), lists, integers);
  }
  Environment& environment() const { return environment_; }

 private:
  Environment& environment_;
  JsFunction function_;
};

core::VectorFunction to_vector_function(const HeldFunction& held) {
  return [held](const std::vector<core::array>& inputs) { return held({inputs}); };
}

/// (function, vjp, jvp, vmap, inputs): outputs. Rules may be null.
napi_value call_custom(TransformCall& call) {
  using Arrays = std::vector<core::array>;
  Environment& environment = call.environment;
  std::optional<core::CustomVjp> vjp;
  std::optional<core::CustomJvp> jvp;
  std::optional<core::CustomVmap> vmap;
  if (!is_nullish(call.env, call.values[1]))
    vjp = [held = HeldFunction(environment, call.values[1])](
              const Arrays& primals, const Arrays& cotangents, const Arrays& outputs) {
      return held({primals, cotangents, outputs});
    };
  if (!is_nullish(call.env, call.values[2]))
    jvp = [held = HeldFunction(environment, call.values[2])](
              const Arrays& primals, const Arrays& tangents, const std::vector<int>& argnums) {
      return to_arrays(held.environment(), held.answer({primals, tangents}, &argnums));
    };
  if (!is_nullish(call.env, call.values[3]))
    vmap = [held = HeldFunction(environment, call.values[3])](const Arrays& inputs,
                                                              const std::vector<int>& axes) {
      napi_value result = held.answer({inputs}, &axes);
      napi_env env = held.environment().env;
      return std::make_pair(
          to_arrays(held.environment(), list_element(env, result, 0)),
          Argument<std::vector<int>>(held.environment(), list_element(env, result, 1)).get());
    };
  auto fun = to_vector_function(HeldFunction(environment, call.values[0]));
  auto inputs = to_arrays(environment, call.values[4]);
  auto outputs =
      core::custom_function(fun, std::move(vjp), std::move(jvp), std::move(vmap))(inputs);
  return arrays_to_js(environment, std::move(outputs));
}

/// (function, inputs): outputs
napi_value call_checkpointed(TransformCall& call) {
  auto fun = to_vector_function(HeldFunction(call.environment, call.values[0]));
  auto inputs = to_arrays(call.environment, call.values[1]);
  return arrays_to_js(call.environment, core::checkpoint(fun)(inputs));
}

}  // namespace

FunctionTable compile_functions() {
  return {
      {"callCompiled", transform<call_compiled, 5>},
      {"callCustom", transform<call_custom, 5>},
      {"callCheckpointed", transform<call_checkpointed, 2>},
      bind("compileNewId", [] { return double(core::detail::compile_new_id()); }),
      {"ownCompiled", transform<own_compiled, 2>},
      {"countTraces", transform<count_traces, 2>},
      bind("compileCacheSize", [] { return core::detail::compile_cache_size(); }),
      bind("compileIsDisabled",
           [] { return core::detail::compile_mode() == core::CompileMode::disabled; }),
      bind("disableCompile", [] { core::disable_compile(); }),
      bind("enableCompile", [] { core::enable_compile(); }),
      bind("nodeId", [](const core::array& a) { return double(a.id()); }),
      bind("isAlike",
           [](const core::array& a, const core::array& b) {
             return a.dtype() == b.dtype() && a.shape() == b.shape();
           }),
      bind("inAbstractTracing", [] { return core::detail::in_abstract_tracing(); }),
  };
}

}  // namespace mlx::addon
