#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
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
  /// Waits for what is being compiled.
  ~KernelCache();

  /// Two threads that miss at once may both compile; the first one's kernel stays.
  const Kernel& get(std::string_view key, FunctionRef<KernelSource()> source);
  /// Compiles those that are missing at the same time.
  void prepare(std::span<const KernelRequest> requests);
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  /// The kernel if it is there or on the disk; null when it must be compiled, which another thread
  /// does when it is asked for again. For who can do without: most of the chains that JavaScript's
  /// collector cuts out of a graph never come back.
  const Kernel* find_soon(std::string_view key, FunctionRef<KernelSource()> source);

 private:
  enum class Wish : uint8_t { seen, compiling, failed };

  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };

  template <typename Value>
  using Map = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  const Kernel* find(std::string_view key) const;
  const Kernel& add(std::string_view key, std::shared_ptr<const Kernel> kernel);
  void compile_later(KernelRequest request);
  void compile_requests();

  Device& device_;
  mutable std::shared_mutex mutex_;
  // Kernels stay for good, so that references may be handed out.
  Map<std::shared_ptr<const Kernel>> kernels_;

  std::mutex wishes_mutex_;
  Map<Wish> wishes_;
  std::deque<KernelRequest> requests_;
  size_t compiling_threads_ = 0;
  std::condition_variable threads_ended_;
};

}  // namespace mlx::core::gpu
