#pragma once

#include <cstddef>
#include <functional>

namespace mlx::core {

/// Called when memory runs short, with the bytes that are missing; frees what it can and returns
/// whether it freed anything. It must not run longer than a collection takes.
using PressureHandler = std::function<bool(size_t bytes_needed)>;

/// Registers a handler for the calling thread: it is only ever called on that thread, from within
/// its own allocations. Returns an id for remove_pressure_handler, which the same thread calls.
int add_pressure_handler(PressureHandler handler);
void remove_pressure_handler(int id);

/// Calls the calling thread's handlers; true when one freed something. A handler that itself runs
/// short of memory isn't called again.
bool relieve_memory_pressure(size_t bytes_needed);

}  // namespace mlx::core
