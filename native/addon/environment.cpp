#include "environment.h"

#include "mlx/primitives.h"
#include "runtime/interruption.h"
#include "runtime/memory_pressure.h"
#include "runtime/stream_owner.h"

namespace mlx::addon {
namespace {

/// What an environment that goes waits for its own work to be cancelled. Kernels see to it between
/// chunks; what can't is left behind.
constexpr std::chrono::seconds longest_farewell{1};

/// Whether JavaScript may no longer run, which any call that could run some tells.
bool is_terminating(napi_env env) {
  napi_handle_scope handles;
  napi_open_handle_scope(env, &handles);
  napi_value undefined, result;
  napi_get_undefined(env, &undefined);
  const bool may_run = napi_coerce_to_bool(env, undefined, &result) == napi_ok;
  napi_close_handle_scope(env, handles);
  return !may_run;
}

}  // namespace

Environment::Environment(napi_env env)
    : env(env),
      slots(env),
      resources(env),
      functions(std::make_shared<FunctionReferences>(env)),
      collector(env, slots, resources, *functions),
      completions(Completions::create(env)) {
  pressure_handler_ = core::add_pressure_handler(
      [this](size_t) { return !closing_ && !borrowed && collector.collect_all(); });
  // Threads that put work in a GPU's queue may ask while this one waits for nothing but events of
  // JavaScript.
  relief_listener_ = core::add_relief_listener([all = completions] { all->wake(); });
}

Environment::~Environment() {
  core::remove_pressure_handler(pressure_handler_);
  core::remove_relief_listener(relief_listener_);
}

void Environment::prepare_evaluation(std::span<const core::array> arrays) {
  size_t host_bytes = 0, gpu_bytes = 0;
  for (auto& a : arrays) {
    if (a.status() != core::array::unscheduled || !a.has_primitive()) continue;
    bool on_gpu = a.primitive().stream().device.type == core::Device::gpu;
    (on_gpu ? gpu_bytes : host_bytes) += a.nbytes();
  }
  if (gpu_bytes > 0) completions->prepare();
  if (host_bytes + gpu_bytes > 0) collector.before_evaluation(arrays, host_bytes, gpu_bytes);
}

Environment& Environment::create(napi_env env) {
  auto* self = new std::shared_ptr<Environment>(std::make_shared<Environment>(env));
  Environment& environment = **self;
  napi_add_env_cleanup_hook(
      env,
      [](void* data) {
        auto* self = static_cast<std::shared_ptr<Environment>*>(data);
        (*self)->closing_ = true;
        (*self)->completions->close();
        (*self)->functions->close();
        core::set_interrupt_check({});
        core::abandon_streams(longest_farewell);
        delete self;
      },
      self);
  arm_sentinel(env, new std::shared_ptr<Environment>(*self));
  return environment;
}

void Environment::watch_for_termination() {
  core::set_interrupt_check([env = env] { return is_terminating(env); });
}

void Environment::arm_sentinel(napi_env env, std::shared_ptr<Environment>* self) {
  // An object that nobody holds: its finalizer runs from the event loop after V8 collected by
  // itself, so that an idle process frees what died.
  napi_handle_scope handles;
  napi_open_handle_scope(env, &handles);
  napi_value sentinel;
  napi_create_object(env, &sentinel);
  napi_add_finalizer(
      env, sentinel, self,
      [](napi_env env, void* data, void*) {
        auto* self = static_cast<std::shared_ptr<Environment>*>(data);
        // A new sentinel while the environment closes would be finalized at once, without end.
        if ((*self)->closing_) return delete self;
        (*self)->collector.sweep_idle();
        arm_sentinel(env, self);
      },
      nullptr, nullptr);
  napi_close_handle_scope(env, handles);
}

napi_value Environment::scalar_buffer() {
  napi_value buffer = nullptr;
  if (scalar_buffer_) {
    napi_get_reference_value(env, scalar_buffer_, &buffer);
    return buffer;
  }
  void* data;
  napi_create_arraybuffer(env, scalar_arguments * sizeof(ScalarArgument), &data, &buffer);
  napi_create_reference(env, buffer, 1, &scalar_buffer_);
  scalars = static_cast<ScalarArgument*>(data);
  return buffer;
}

}  // namespace mlx::addon
