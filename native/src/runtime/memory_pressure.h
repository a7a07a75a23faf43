#pragma once

#include <chrono>
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

/// Asks the threads that have handlers, and waits until one of them has called its own, at most
/// that long. True when something was freed. For threads that have none.
bool ask_for_relief(size_t bytes_needed, std::chrono::milliseconds at_most);
/// Calls the calling thread's handlers if another thread asks for it; costs one load if none does.
/// Threads that have handlers do so where they wait for a GPU.
void answer_relief_requests();
bool has_pressure_handlers();

}  // namespace mlx::core
