#pragma once

#include <node_api.h>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "errors.h"
#include "mlx/array.h"

namespace mlx::addon {

/// Tells JavaScript when arrays are computed, without blocking its thread. One thread-safe
/// function an environment, which keeps the process alive only while something is pending.
class Completions : public std::enable_shared_from_this<Completions> {
 public:
  static std::shared_ptr<Completions> create(napi_env env);

  /// Calls `callback` from the event loop, with nothing or with an error record, when all arrays
  /// are available or failed. Returns false, without a call later, if that is so already.
  bool when_done(const std::vector<core::array>& arrays, napi_value callback);
  /// Makes what wakes JavaScript's thread; a second call does nothing.
  void prepare();
  /// Has JavaScript's thread answer requests for memory from its event loop. Any thread may call
  /// it.
  void wake();
  /// The environment goes: nothing is called from now on.
  void close();

 private:
  struct Waiting;

  explicit Completions(napi_env env) : env_(env) {}
  void deliver(Waiting* waiting);
  static void call(napi_env env, napi_value function, void* context, void* data);

  napi_env env_;
  std::mutex mutex_;
  napi_threadsafe_function function_ = nullptr;
  size_t pending_ = 0;
};

}  // namespace mlx::addon
