#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gpu/hal.h"
#include "runtime/function_ref.h"

namespace mlx::core::gpu {

/// A kernel that is going to be needed.
struct KernelRequest {
  std::string key;
  KernelSource source;
};

/// The compiled kernels of a device by a short key, so that a kernel's text is written only once.
class KernelCache {
 public:
  explicit KernelCache(Device& device) : device_(device) {}

  /// Two threads that miss at once may both compile; the first one's kernel stays.
  const Kernel& get(std::string_view key, FunctionRef<KernelSource()> source);
  /// Compiles those that are missing at the same time.
  void prepare(std::span<const KernelRequest> requests);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };

  Device& device_;
  std::shared_mutex mutex_;
  // Kernels stay for good, so that references may be handed out.
  std::unordered_map<std::string, std::shared_ptr<const Kernel>, Hash, std::equal_to<>> kernels_;
};

}  // namespace mlx::core::gpu
