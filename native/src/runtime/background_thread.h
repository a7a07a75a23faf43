#pragma once

#include <functional>

namespace mlx::core {

/// Starts a detached thread that takes no signals and may outlive main. It must end only in
/// memory that is never freed. Returns false when the system allows no more threads.
bool start_background_thread(const char* name, std::function<void()> body);

}  // namespace mlx::core
