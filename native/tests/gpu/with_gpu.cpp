#include "late_device.h"
#include "runtime/gpu_device.h"

namespace late_gpu {

using namespace mlx::core;

WithGpu::WithGpu(int delay) {
  late_device().set_delay(delay);
  set_gpu_device(&late_device());
}
WithGpu::~WithGpu() {
  // The thread's default stream there would outlive it.
  clear_streams();
  set_gpu_device(nullptr);
}

OnGpu::OnGpu(int delay) : WithGpu(delay), previous_(default_device()) {
  set_default_device(mlx::core::Device::gpu);
}
OnGpu::~OnGpu() { set_default_device(previous_); }

}  // namespace late_gpu
