#pragma once

#include <chrono>

namespace mlx::core {

/// Cancels the work of all streams that the calling thread made, waits for it to end, at most that
/// long, and drops them. What can't be cancelled, such as a call of LAPACK, goes on by itself.
void abandon_streams(std::chrono::milliseconds at_most);

}  // namespace mlx::core
