#include "runtime/cancellation.h"

#include <utility>

#include "mlx/errors.h"

namespace mlx::core {

namespace {

thread_local const CancelFlag* current = nullptr;

}  // namespace

const CancelFlag* current_cancel_flag() { return current; }

CancellableScope::CancellableScope(const CancelFlag* flag)
    : previous_(std::exchange(current, flag)) {}
CancellableScope::~CancellableScope() { current = previous_; }

void throw_cancelled() {
  throw EngineError("[eval] The work was cancelled, because the thread that it was for has ended.");
}

}  // namespace mlx::core
