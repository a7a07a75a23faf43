#include "mlx/backend/metal/metal.h"

#include <mutex>

#include "metal/machine.h"
#include "mlx/errors.h"
#include "runtime/gpu_device.h"

namespace mlx::core {
namespace metal {
namespace {

[[noreturn]] void throw_unavailable(const char* name) {
  auto why = gpu_language() == gpu::Language::metal
                 ? why_unavailable(core::Device(core::Device::gpu))
                 : "Metal is not available on this machine, or this build has none";
  throw EngineError(std::string("[metal.") + name + "] " + why + ".");
}

/// The device, for captures.
MetalDevice& require_device(const char* name) {
  if (!is_available()) throw_unavailable(name);
  return dynamic_cast<MetalDevice&>(gpu_device());
}

// Leaked: other threads may still ask while the process exits.
std::mutex& path_mutex() {
  static std::mutex& mutex = *new std::mutex;
  return mutex;
}
std::string& metallib_path() {
  static std::string& path = *new std::string;
  return path;
}

Id capture_manager(const ObjectiveC& objc) {
  return objc.shared_capture_manager(objc.get_class("MTLCaptureManager"));
}

}  // namespace

bool is_available() { return gpu_language() == gpu::Language::metal && has_gpu(); }

const std::unordered_map<std::string, std::variant<std::string, size_t>>& device_info() {
  // Also of a device that failed its self-test, with the reason.
  static const auto& info =
      *new DeviceInfo(gpu_language() == gpu::Language::metal ? gpu_info() : DeviceInfo());
  if (info.empty()) throw_unavailable("device_info");
  return info;
}

std::string get_metallib_path() {
  std::lock_guard lock(path_mutex());
  return metallib_path();
}
void set_metallib_path(const std::string& path) {
  std::lock_guard lock(path_mutex());
  metallib_path() = path;
}

void start_capture(std::string path) {
  auto& context = require_device("start_capture").context();
  auto& objc = context.objc();
  Pool pool(objc);
  Id manager = capture_manager(objc);
  if (!objc.supports_destination(manager, value::capture_to_document))
    throw EngineError(
        "[metal.start_capture] Metal can't capture in this process; set MTL_CAPTURE_ENABLED=1 in "
        "its environment.");
  Owned descriptor(objc, objc.new_capture_descriptor(objc.get_class("MTLCaptureDescriptor")));
  objc.set_capture_object(descriptor.get(), context.device());
  objc.set_destination(descriptor.get(), value::capture_to_document);
  objc.set_output_url(descriptor.get(), objc.file_url(objc.get_class("NSURL"), objc.string(path)));
  Id error = nullptr;
  if (!objc.start_capture(manager, descriptor.get(), &error))
    throw EngineError("[metal.start_capture] The capture does not begin: " + objc.describe(error) +
                      ".");
}

void stop_capture() {
  auto& objc = require_device("stop_capture").context().objc();
  Pool pool(objc);
  objc.stop_capture(capture_manager(objc));
}

}  // namespace metal

#ifdef __APPLE__
const gpu::Backend& gpu::system_backend() {
  using metal::system_machine;
  static constexpr Backend backend = {[] { return system_machine().is_usable() ? 1 : 0; },
                                      [] { return system_machine().why_not(); },
                                      [] { return system_machine().info(); },
                                      []() -> Device& { return system_machine().open(); },
                                      Language::metal,
                                      [] { return system_machine().memory_source(); },
                                      nullptr,
                                      true};
  return backend;
}
#endif

}  // namespace mlx::core
