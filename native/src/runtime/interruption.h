#pragma once

#include <chrono>
#include <functional>

namespace mlx::core {

/// Whether the calling thread should give up waiting, because it is to end.
using InterruptCheck = std::function<bool()>;

/// Makes what the calling thread waits for interruptible: the check is called every now and then,
/// on this thread, and true ends the wait with an EngineError. An empty one undoes it.
void set_interrupt_check(InterruptCheck check);

/// Whether the calling thread has a check. It should leave work of more than moments to others
/// then.
bool is_interruptible();
void throw_if_interrupted();

/// How long to wait between checks.
constexpr std::chrono::milliseconds interrupt_interval{20};

}  // namespace mlx::core
