#include "gpu/compile_many.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "runtime/thread_pool.h"

namespace mlx::core::gpu {

std::vector<std::shared_ptr<const Kernel>> compile_many(Device& device,
                                                        std::span<const KernelSource> sources,
                                                        size_t most_threads) {
  std::vector<std::shared_ptr<const Kernel>> kernels(sources.size());
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  auto work = [&] {
    for (size_t i; (i = next++) < sources.size();) try {
        kernels[i] = device.compile(sources[i]);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
      }
  };
  size_t threads = std::min({sources.size(), size_t(num_threads()), most_threads});
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (auto& other : others) other.join();
  if (error) std::rethrow_exception(error);
  return kernels;
}

}  // namespace mlx::core::gpu
