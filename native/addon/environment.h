#pragma once

#include <node_api.h>

#include <memory>
#include <optional>
#include <span>

#include "collector.h"
#include "completions.h"
#include "errors.h"
#include "js_function.h"
#include "mlx/stream_or_device.h"
#include "owned_resources.h"
#include "slot_table.h"

namespace mlx::addon {

/// A scalar that stands for an array argument: TypeScript writes it into shared memory and passes
/// -1 - index instead of a slot number, which is cheaper than making an array object.
struct ScalarArgument {
  union {
    double real;
    int64_t integer;
  };
  double imaginary;
  /// Code of the dtype; plus 256 when the value is in `integer`.
  double dtype;
};
constexpr int scalar_arguments = 16;

/// All state of the binding for one JavaScript environment: the main thread or a worker.
class Environment {
 public:
  /// Makes the environment's state, which lives until its cleanup.
  static Environment& create(napi_env env);

  explicit Environment(napi_env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  napi_env env;
  SlotTable slots;
  OwnedResources resources;
  std::shared_ptr<FunctionReferences> functions;
  Collector collector;
  std::shared_ptr<Completions> completions;
  ErrorRecord error;
  /// While an operation holds references into the slot table, nothing may be swept.
  bool borrowed = false;
  /// The default stream of the running call, where a scope of JavaScript has another.
  std::optional<core::StreamContext> stream_scope;
  /// What holds during a call of a function is over.
  void end_call() {
    borrowed = false;
    if (stream_scope) [[unlikely]]
      stream_scope.reset();
  }
  ScalarArgument* scalars = nullptr;

  /// Collects if that may save much of what computing the arrays takes.
  void prepare_evaluation(std::span<const core::array> arrays);

  /// Lets the environment's thread be ended from outside while it waits for work.
  void watch_for_termination();

  /// The ArrayBuffer behind `scalars`.
  napi_value scalar_buffer();
  /// Puts a result into the JavaScript object that was made for it.
  SlotId hold(array value, napi_value object) {
    SlotId id = slots.make(std::move(value), object);
    collector.after_allocation();
    return id;
  }

 private:
  /// Takes the pointer over.
  static void arm_sentinel(napi_env env, std::shared_ptr<Environment>* self);

  napi_ref scalar_buffer_ = nullptr;
  int pressure_handler_ = -1;
  int relief_listener_ = -1;
  bool closing_ = false;
};

}  // namespace mlx::addon
