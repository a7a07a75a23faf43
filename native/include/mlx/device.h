#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>

#include "mlx/api.h"

namespace mlx::core {

struct MLX_API Device {
  enum class DeviceType {
    cpu,
    gpu,
  };

  static constexpr DeviceType cpu = DeviceType::cpu;
  static constexpr DeviceType gpu = DeviceType::gpu;

  constexpr Device(DeviceType type, int index = 0) : type(type), index(index) {}

  DeviceType type;
  int index;

  bool operator==(const Device&) const = default;
  bool operator<(const Device& other) const {
    return std::tie(type, index) < std::tie(other.type, other.index);
  }
};

inline bool operator==(const Device& device, Device::DeviceType type) {
  return device.type == type;
}

/// The calling thread's default device.
MLX_API const Device& default_device();
/// Sets it; throws std::invalid_argument for a device that isn't there.
MLX_API void set_default_device(const Device& device);

MLX_API bool is_available(const Device& device);
/// How many devices of a type there are.
MLX_API int device_count(Device::DeviceType type);

using DeviceInfo = std::unordered_map<std::string, std::variant<std::string, size_t>>;
/// Facts about a device: "device_name" and "architecture" (text), "memory_size" (bytes). Empty for
/// a device that isn't there.
MLX_API const DeviceInfo& device_info(const Device& device = default_device());

/// Writes "Device(cpu, 0)".
MLX_API std::ostream& operator<<(std::ostream& os, const Device& device);

}  // namespace mlx::core
