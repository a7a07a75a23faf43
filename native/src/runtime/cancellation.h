#pragma once

#include <atomic>

namespace mlx::core {

/// Whether work is wanted no longer. The queue of a stream has one for its tasks.
using CancelFlag = std::atomic<bool>;

/// The flag of the work that the calling thread does; null when there is none.
const CancelFlag* current_cancel_flag();

/// Says whose work the calling thread does.
class CancellableScope {
 public:
  explicit CancellableScope(const CancelFlag* flag);
  ~CancellableScope();
  CancellableScope(const CancellableScope&) = delete;
  CancellableScope& operator=(const CancellableScope&) = delete;

 private:
  const CancelFlag* previous_;
};

[[noreturn]] void throw_cancelled();

inline void throw_if_cancelled(const CancelFlag* flag) {
  if (flag && flag->load(std::memory_order_relaxed)) [[unlikely]]
    throw_cancelled();
}
/// Long work calls it now and then; `parallel_for` does between chunks.
inline void throw_if_cancelled() { throw_if_cancelled(current_cancel_flag()); }

}  // namespace mlx::core
