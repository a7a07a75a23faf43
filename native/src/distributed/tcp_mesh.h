#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mlx::core::distributed {

/// What a launcher other than MPI's tells each process: who it is, and where the first one can be
/// found.
struct LaunchPlace {
  int rank, size;
  std::string host, port;

  /// Of MLX_RANK, MLX_WORLD_SIZE, NCCL_HOST_IP and NCCL_PORT, the names of MLX; none without them.
  /// Throws EngineError when they make no sense.
  static std::optional<LaunchPlace> from_environment();
};

/// Connects every process with every other by TCP: a socket for each, by rank, and -1 for this one.
/// The first process listens at the place; all tell it where they listen themselves. Throws
/// EngineError when they don't all come within the time limit.
std::vector<int> connect_all(const LaunchPlace& place);

}  // namespace mlx::core::distributed
