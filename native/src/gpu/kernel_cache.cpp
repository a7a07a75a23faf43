#include "gpu/kernel_cache.h"

#include <algorithm>
#include <vector>

namespace mlx::core::gpu {

const Kernel& KernelCache::get(std::string_view key, FunctionRef<KernelSource()> source) {
  {
    std::shared_lock lock(mutex_);
    auto found = kernels_.find(key);
    if (found != kernels_.end()) return *found->second;
  }
  auto kernel = device_.compile(source());
  std::unique_lock lock(mutex_);
  return *kernels_.try_emplace(std::string(key), std::move(kernel)).first->second;
}

void KernelCache::prepare(std::span<const KernelRequest> requests) {
  std::vector<std::string_view> keys;
  std::vector<KernelSource> missing;
  {
    std::shared_lock lock(mutex_);
    for (auto& request : requests) {
      if (kernels_.contains(request.key) || std::ranges::find(keys, request.key) != keys.end())
        continue;
      keys.push_back(request.key);
      missing.push_back(request.source);
    }
  }
  auto compiled = device_.compile(missing);
  std::unique_lock lock(mutex_);
  for (size_t i = 0; i < keys.size(); ++i)
    kernels_.try_emplace(std::string(keys[i]), std::move(compiled[i]));
}

}  // namespace mlx::core::gpu
