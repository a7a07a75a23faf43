#include "runtime/interruption.h"

#include <utility>

#include "mlx/errors.h"

namespace mlx::core {

namespace {

// Leaked, so that late destructors of the thread may still ask: it is a few bytes a thread that
// leaves without undoing it.
thread_local const InterruptCheck* current = nullptr;

}  // namespace

void set_interrupt_check(InterruptCheck check) {
  delete std::exchange(current, check ? new InterruptCheck(std::move(check)) : nullptr);
}

bool is_interruptible() { return current != nullptr; }

void throw_if_interrupted() {
  if (current && (*current)()) throw EngineError("[eval] Interrupted: the thread is to end.");
}

}  // namespace mlx::core
