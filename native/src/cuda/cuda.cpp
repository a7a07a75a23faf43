#include "mlx/backend/cuda/cuda.h"

#include "cuda/cuda_device.h"
#include "mlx/device.h"
#include "runtime/gpu_device.h"

namespace mlx::core {

bool cu::is_available() { return cuda::device_count() > 0; }

const DeviceInfo& cu::device_info(int device_index) {
  return core::device_info(Device(Device::gpu, is_available() ? device_index : -1));
}

#ifndef __APPLE__
const gpu::Backend& gpu::system_backend() {
  static constexpr Backend backend = {[] { return cuda::device_count() > 0 ? 1 : 0; },
                                      cuda::why_unavailable, [] { return cuda::device_info(0); },
                                      []() -> Device& { return cuda::device(0); }, Language::cuda};
  return backend;
}
#endif

}  // namespace mlx::core
