// Devices and streams. A device crosses as -1 - (2 * index + type), a stream as its index.

#include "mlx/device.h"
#include "binder.h"
#include "cuda/cuda_device.h"
#include "mlx/backend/cuda/cuda.h"
#include "mlx/backend/metal/metal.h"
#include "mlx/stream.h"
#include "runtime/gpu_device.h"

namespace mlx::addon {
namespace {

core::Device as_device(const core::StreamOrDevice& target) {
  return std::get<core::Device>(target);
}

}  // namespace

FunctionTable device_functions() {
  using core::StreamOrDevice;
  return {
      bind("deviceInfo",
           [](StreamOrDevice device) { return core::device_info(as_device(device)); }),
      bind("defaultDevice",
           [] {
             auto& device = core::default_device();
             return std::pair(int(device.type), device.index);
           }),
      bind("setDefaultDevice",
           [](StreamOrDevice device) { core::set_default_device(as_device(device)); }),
      bind("isDeviceAvailable",
           [](StreamOrDevice device) { return core::is_available(as_device(device)); }),
      bind("whyUnavailable",
           [](StreamOrDevice device) { return core::why_unavailable(as_device(device)); }),
      bind("deviceCount",
           [](StreamOrDevice device) { return core::device_count(as_device(device).type); }),
      bind("defaultStream",
           [](StreamOrDevice device) { return core::default_stream(as_device(device)); }),
      bind("setDefaultStream",
           [](StreamOrDevice stream) { core::set_default_stream(std::get<core::Stream>(stream)); }),
      bind("newStream", [](StreamOrDevice device) { return core::new_stream(as_device(device)); }),
      bind("getStream", [](int index) { return core::get_stream(index); }),
      bind("synchronize",
           [](StreamOrDevice target) { core::synchronize(core::to_stream(target)); }),
      bind("clearStreams", [] { core::clear_streams(); }),
      bind("metalIsAvailable", [] { return core::metal::is_available(); }),
      bind("metalDeviceInfo", [] { return core::metal::device_info(); }),
      bind("metalStartCapture", [](const std::string& path) { core::metal::start_capture(path); }),
      bind("metalStopCapture", [] { core::metal::stop_capture(); }),
      bind("cudaIsAvailable", [] { return core::cu::is_available(); }),
      bind("cudaDeviceInfo",
           [] {
             if (!core::cu::is_available())
               throw core::EngineError("[cuda.deviceInfo] There is no usable CUDA device: " +
                                       core::cuda::why_unavailable() + ".");
             return core::cu::device_info(0);
           }),
  };
}

}  // namespace mlx::addon
