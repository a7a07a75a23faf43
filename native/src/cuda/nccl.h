#pragma once

#include <string>

#include "gpu/collectives.h"

namespace mlx::core::cuda {

/// NVIDIA's library of exchanges between GPUs: the file that MLX_NCCL_LIBNAME names, or
/// libnccl.so.2 where the system keeps libraries. Null when there is none, and then `reason` says
/// why.
gpu::CollectiveLibrary* find_nccl(std::string* reason);

}  // namespace mlx::core::cuda
