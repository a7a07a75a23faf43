#include "completions.h"

#include <atomic>

#include "results.h"
#include "runtime/memory_pressure.h"

namespace mlx::addon {

struct Completions::Waiting {
  std::shared_ptr<Completions> owner;
  std::vector<core::array> arrays;
  napi_ref callback = nullptr;
  /// Events that weren't signaled yet.
  std::atomic<size_t> events{0};
  std::mutex mutex;
  std::optional<ErrorRecord> error;

  void fail(const std::exception_ptr& exception) {
    std::lock_guard lock(mutex);
    if (!error) error = describe(exception);
  }
  void finish_one() {
    if (events.fetch_sub(1) != 1) return;
    // Not only when JavaScript's thread comes round to it: a loop that never yields would hold all.
    arrays.clear();
    auto keep = owner;
    keep->deliver(this);
  }
};

std::shared_ptr<Completions> Completions::create(napi_env env) {
  return std::shared_ptr<Completions>(new Completions(env));
}

void Completions::call(napi_env env, napi_value, void*, void* data) {
  if (!data) {
    if (env) core::answer_relief_requests();
    return;
  }
  std::unique_ptr<Waiting> waiting(static_cast<Waiting*>(data));
  if (!env) return;
  auto& owner = *waiting->owner;
  if (--owner.pending_ == 0 && owner.function_)
    napi_unref_threadsafe_function(env, owner.function_);
  napi_value callback, receiver, record, result;
  napi_get_reference_value(env, waiting->callback, &callback);
  napi_delete_reference(env, waiting->callback);
  napi_get_undefined(env, &receiver);
  record = waiting->error ? to_js(env, *waiting->error) : receiver;
  napi_call_function(env, receiver, callback, 1, &record, &result);
}

void Completions::deliver(Waiting* waiting) {
  std::lock_guard lock(mutex_);
  // After close there is no thread to delete its reference on; the environment frees it.
  if (!function_ ||
      napi_call_threadsafe_function(function_, waiting, napi_tsfn_nonblocking) != napi_ok)
    delete waiting;
}

void Completions::prepare() {
  if (function_) return;
  napi_value name;
  napi_create_string_utf8(env_, "mlx", NAPI_AUTO_LENGTH, &name);
  std::lock_guard lock(mutex_);
  napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr,
                                  call, &function_);
  napi_unref_threadsafe_function(env_, function_);
}

void Completions::wake() {
  std::lock_guard lock(mutex_);
  if (function_) napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
}

bool Completions::when_done(const std::vector<core::array>& arrays, napi_value callback) {
  auto waiting = std::make_unique<Waiting>();
  for (auto& a : arrays)
    if (!a.is_available() && a.event().valid()) waiting->arrays.push_back(a);
  if (waiting->arrays.empty()) return false;

  std::vector<core::Event> events;
  for (auto& a : waiting->arrays) events.push_back(a.event());
  waiting->events = events.size();
  waiting->owner = shared_from_this();
  prepare();
  // From here on all that fails is told to the callback, since it keeps the process alive.
  if (pending_++ == 0) napi_ref_threadsafe_function(env_, function_);
  napi_create_reference(env_, callback, 1, &waiting->callback);
  Waiting* shared = waiting.release();
  auto finish_with_error = [shared] {
    shared->fail(std::current_exception());
    shared->finish_one();
  };
  // Called on the thread that signals, be it a stream's or one that looks after a GPU's queue.
  for (auto& event : events) {
    try {
      event.on_done([shared, event, finish_with_error] {
        try {
          event.wait();
        } catch (...) {
          return finish_with_error();
        }
        shared->finish_one();
      });
    } catch (...) {
      finish_with_error();
    }
  }
  return true;
}

void Completions::close() {
  std::lock_guard lock(mutex_);
  if (function_) napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
}

}  // namespace mlx::addon
