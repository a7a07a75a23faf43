#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "runtime/thread_pool.h"

namespace mlx::core::cpu {

/// The address so many elements further.
inline const char* element(const void* data, int64_t count, size_t itemsize) {
  return static_cast<const char*>(data) + count * int64_t(itemsize);
}
inline char* element(char* data, int64_t count, size_t itemsize) {
  return data + count * int64_t(itemsize);
}

/// Runs multiply(i) for i < count, each about so much work: many are shared out among the threads,
/// a few share out their own work.
template <typename Multiply>
void run_products(int64_t count, int64_t work, Multiply&& multiply) {
  constexpr int64_t kGrain = int64_t(1) << 17, kMany = 16;
  auto multiply_some = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) multiply(int64_t(i));
  };
  if (count < kMany)
    multiply_some(0, size_t(count));
  else
    parallel_for(size_t(count), size_t(std::max<int64_t>(1, kGrain / std::max<int64_t>(1, work))),
                 multiply_some);
}

}  // namespace mlx::core::cpu
