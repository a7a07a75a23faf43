#pragma once

#include <functional>
#include <future>
#include <memory>
#include <type_traits>

#include "mlx/api.h"

namespace mlx::core {

/// Threads that work through a queue of tasks, in the order in which they were put in. The
/// destructor waits for all of them.
class MLX_API ThreadPool {
 public:
  explicit ThreadPool(size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Calls f with copies of the arguments on one of the threads; the future has what it returns or
  /// throws. Throws std::runtime_error once the pool is being destroyed.
  template <typename F, typename... Args>
  std::future<std::invoke_result_t<F, Args...>> enqueue(F&& f, Args&&... args) {
    using Result = std::invoke_result_t<F, Args...>;
    auto task = std::make_shared<std::packaged_task<Result()>>(
        std::bind(std::forward<F>(f), std::forward<Args>(args)...));
    std::future<Result> result = task->get_future();
    add([task] { (*task)(); });
    return result;
  }

 private:
  void add(std::function<void()> task);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mlx::core
