// Computing graphs, waiting, and waiting without blocking.

#include "binder.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"

namespace mlx::addon {
namespace {

struct EvalCall {
  Environment& environment;
  std::vector<core::array> arrays;
  napi_value callback;
};

EvalCall begin(napi_env env, napi_callback_info info, napi_value* values, size_t count) {
  void* data;
  size_t given = count;
  napi_get_cb_info(env, info, &given, values, nullptr, &data);
  return {*static_cast<Environment*>(data), {}, values[count - 1]};
}

/// Reads the arrays, then collects if that may save much work. The handles are taken first, since
/// the caller's objects may be dead to V8 already.
void prepare(EvalCall& call, napi_value ids) {
  call.arrays = to_arrays(call.environment, ids);
  size_t bytes = 0;
  for (auto& a : call.arrays)
    if (a.status() == core::array::unscheduled) bytes += a.nbytes();
  if (bytes > 0) call.environment.collector.before_evaluation(bytes);
}

/// (arrays)
napi_value eval(napi_env env, napi_callback_info info) {
  napi_value values[1];
  EvalCall call = begin(env, info, values, 1);
  return guarded(call.environment, [&] {
    prepare(call, values[0]);
    core::eval(std::move(call.arrays));
    return to_js(env, true);
  });
}

/// (arrays): schedules them.
napi_value async_eval(napi_env env, napi_callback_info info) {
  napi_value values[1];
  EvalCall call = begin(env, info, values, 1);
  return guarded(call.environment, [&] {
    prepare(call, values[0]);
    core::async_eval(std::move(call.arrays));
    return to_js(env, true);
  });
}

/// (arrays, callback): false when all are there already, else the callback is called later.
napi_value when_done(napi_env env, napi_callback_info info) {
  napi_value values[2];
  EvalCall call = begin(env, info, values, 2);
  return guarded(call.environment, [&] {
    call.arrays = to_arrays(call.environment, values[0]);
    return to_js(env, call.environment.completions->when_done(call.arrays, call.callback));
  });
}

/// (): for the environment of a worker, which may be terminated.
napi_value watch_for_termination(napi_env env, napi_callback_info info) {
  void* data;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto& environment = *static_cast<Environment*>(data);
  return guarded(environment, [&] {
    environment.watch_for_termination();
    return to_js(env, true);
  });
}

}  // namespace

FunctionTable evaluation_functions() {
  return {
      {"eval", eval},
      {"asyncEval", async_eval},
      {"whenDone", when_done},
      {"watchForTermination", watch_for_termination},
      bind("isAvailable", [](const core::array& a) { return a.is_available(); }),
      bind("inTracing", [] { return core::detail::in_tracing(); }),
  };
}

}  // namespace mlx::addon
