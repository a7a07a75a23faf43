// Computing graphs, waiting, and waiting without blocking.

#include "binder.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"

namespace mlx::addon {
FunctionTable evaluation_functions() {
  return {
      bind("eval",
           // What JavaScript holds may be dead to V8 already, but these are handles.
           [](Environment& environment, std::vector<core::array> arrays) {
             environment.prepare_evaluation(arrays);
             core::eval(std::move(arrays));
           }),
      bind("asyncEval",
           [](Environment& environment, std::vector<core::array> arrays) {
             environment.prepare_evaluation(arrays);
             core::async_eval(std::move(arrays));
           }),
      // False when all are there already, else the function is called later.
      bind("whenDone",
           [](Environment& environment, std::vector<core::array> arrays,
              JsValue<"(error?: ErrorRecord) => void"> settle) {
             return environment.completions->when_done(arrays, settle.value);
           }),
      // For the environment of a worker, which may be terminated.
      bind("watchForTermination",
           [](Environment& environment) { environment.watch_for_termination(); }),
      bind("inTracing", [] { return core::detail::in_tracing(); }),
      bind("inAbstractTracing", [] { return core::detail::in_abstract_tracing(); }),
  };
}

}  // namespace mlx::addon
