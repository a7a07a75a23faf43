#pragma once

#include <memory>
#include <string>

#include "gpu/hal.h"
#include "metal/context.h"
#include "mlx/device.h"

namespace mlx::core::metal {

/// The system's GPU, through Apple's libraries or the tests' fake of them.
class MetalDevice : public gpu::Device {
 public:
  virtual DeviceContext& context() = 0;
};

/// Throws EngineError saying why this machine has none that can be used.
std::unique_ptr<MetalDevice> make_device(const ObjectiveC& objc);

/// What MLX tells of the device.
DeviceInfo device_info(MetalDevice& device);

}  // namespace mlx::core::metal
