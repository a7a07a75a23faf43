// Devices and streams. A device crosses as -1 - (2 * index + type), a stream as its index.

#include "mlx/device.h"
#include "binder.h"
#include "mlx/backend/cuda/cuda.h"
#include "mlx/backend/metal/metal.h"
#include "mlx/stream.h"
#include "runtime/gpu_device.h"

namespace mlx::addon {
namespace {

/// (device): pairs of a name and a value.
napi_value device_info(napi_env env, napi_callback_info info) {
  void* data;
  napi_value value;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &value, nullptr, &data);
  auto& environment = *static_cast<Environment*>(data);
  return guarded(environment, [&] {
    auto target = to_stream_or_device(environment, value);
    auto& facts = core::device_info(std::get<core::Device>(target));
    napi_value list;
    napi_create_array_with_length(env, facts.size(), &list);
    uint32_t i = 0;
    for (auto& [name, fact] : facts) {
      napi_value pair;
      napi_create_array_with_length(env, 2, &pair);
      napi_set_element(env, pair, 0, to_js(env, name));
      napi_set_element(env, pair, 1,
                       std::visit([&](auto& value) { return to_js(env, value); }, fact));
      napi_set_element(env, list, i++, pair);
    }
    return list;
  });
}

core::Device as_device(const core::StreamOrDevice& target) {
  return std::get<core::Device>(target);
}

}  // namespace

FunctionTable device_functions() {
  using core::StreamOrDevice;
  return {
      {"deviceInfo", device_info},
      bind("defaultDevice",
           [] {
             auto& device = core::default_device();
             return core::Shape{int(device.type), device.index};
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
      bind("metalDeviceInfo", [] { core::metal::device_info(); }),
      bind("metalStartCapture", [](const std::string& path) { core::metal::start_capture(path); }),
      bind("metalStopCapture", [] { core::metal::stop_capture(); }),
      bind("cudaIsAvailable", [] { return core::cu::is_available(); }),
  };
}

}  // namespace mlx::addon
