#include "mlx/device.h"

#include <sys/utsname.h>

#include <cstdlib>
#include <fstream>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "mlx/backend/gpu/device_info.h"
#include "mlx/errors.h"
#include "runtime/gpu_device.h"
#include "runtime/machine_memory.h"

#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

namespace mlx::core {

namespace {

/// Of a thread that hasn't been asked for its default device yet.
constexpr int not_asked = -1;
constinit thread_local Device thread_default{Device::cpu, not_asked};

/// What MLX_DEVICE says, or else a GPU that has tested itself, or else the CPU.
Device process_default() {
  const char* text = std::getenv("MLX_DEVICE");
  std::string name = text ? text : "";
  if (name.empty()) return is_gpu_default() ? Device::gpu : Device::cpu;
  if (name == "cpu") return Device::cpu;
  if (name != "gpu")
    throw std::invalid_argument(
        "[device] The environment variable MLX_DEVICE must be cpu or gpu but is \"" + name + "\".");
  if (!has_gpu())
    throw EngineError("[device] The environment variable MLX_DEVICE asks for a GPU, but " +
                      why_unavailable(Device::gpu) +
                      ". Without it, or with cpu, all is computed on the CPU.");
  return Device::gpu;
}

std::string machine_architecture() {
  utsname names;
  return uname(&names) == 0 ? names.machine : "unknown";
}

std::string cpu_name() {
#ifdef __APPLE__
  char name[256];
  size_t length = sizeof(name);
  if (sysctlbyname("machdep.cpu.brand_string", name, &length, nullptr, 0) == 0) return name;
#else
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
#endif
  // ARM's cpuinfo has no names.
  return machine_architecture();
}

}  // namespace

const Device& default_device() {
  if (thread_default.index == not_asked) [[unlikely]]
    thread_default = process_default();
  return thread_default;
}

void set_default_device(const Device& device) {
  if (!is_available(device)) {
    std::ostringstream message;
    message << "[set_default_device] " << device << " is not available: " << why_unavailable(device)
            << ".";
    throw std::invalid_argument(message.str());
  }
  thread_default = device;
}

bool is_available(const Device& device) {
  return device.index >= 0 && device.index < device_count(device.type);
}

int device_count(Device::DeviceType type) { return type == Device::cpu || has_gpu() ? 1 : 0; }

const DeviceInfo& device_info(const Device& device) {
  // Leaked: other threads may still look while the process exits.
  static const DeviceInfo& none = *new DeviceInfo;
  static const DeviceInfo& cpu = *new DeviceInfo{{"device_name", cpu_name()},
                                                 {"architecture", machine_architecture()},
                                                 {"memory_size", physical_memory()}};
  if (!is_available(device)) return none;
  if (device == Device::cpu) return cpu;
  static const DeviceInfo& gpu = *new DeviceInfo(gpu_info());
  return gpu;
}

namespace gpu {

bool is_available() { return device_count() > 0; }
int device_count() { return core::device_count(core::Device::gpu); }
const DeviceInfo& device_info(int device_index) {
  return core::device_info(core::Device(core::Device::gpu, device_index));
}

}  // namespace gpu

std::ostream& operator<<(std::ostream& os, const Device& device) {
  return os << "Device(" << (device == Device::cpu ? "cpu" : "gpu") << ", " << device.index << ")";
}

}  // namespace mlx::core
