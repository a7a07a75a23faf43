#include "mlx/backend/cuda/cuda.h"

#include <algorithm>
#include <cstdlib>

#include "cuda/cuda_device.h"
#include "cuda/nccl.h"
#include "mlx/device.h"
#include "runtime/gpu_device.h"

namespace mlx::core {

bool cu::is_available() { return cuda::device_count() > 0; }

const DeviceInfo& cu::device_info(int device_index) {
  return core::device_info(Device(Device::gpu, is_available() ? device_index : -1));
}

#ifndef __APPLE__
namespace {

/// The card of this process: of several that a launcher started on one machine, each takes its own.
int own_card() {
  static const int card = [] {
    for (auto* name : {"MLX_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MLX_RANK"})
      if (const char* rank = std::getenv(name); rank && *rank)
        return std::abs(std::atoi(rank)) % std::max(cuda::device_count(), 1);
    return 0;
  }();
  return card;
}

}  // namespace

const gpu::Backend& gpu::system_backend() {
  static constexpr Backend backend = {[] { return cuda::device_count() > 0 ? 1 : 0; },
                                      cuda::why_unavailable,
                                      [] { return cuda::device_info(own_card()); },
                                      []() -> Device& { return cuda::device(own_card()); },
                                      Language::cuda,
                                      nullptr,
                                      cuda::find_nccl};
  return backend;
}
#endif

}  // namespace mlx::core
