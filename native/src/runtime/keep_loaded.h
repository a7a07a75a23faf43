#pragma once

namespace mlx::core {

/// Keeps the library with this code in memory until the process ends. Node unloads an addon with
/// the last worker that used it, and threads and their clean-up would lose their code.
void keep_library_loaded();

}  // namespace mlx::core
