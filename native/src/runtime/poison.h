#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define MLX_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MLX_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef MLX_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace mlx::core::allocator {

/// Under AddressSanitizer, makes touching the bytes an error although the allocator keeps them.
inline void poison([[maybe_unused]] void* data, [[maybe_unused]] size_t bytes) {
#ifdef MLX_ADDRESS_SANITIZER
  __asan_poison_memory_region(data, bytes);
#endif
}

inline void unpoison([[maybe_unused]] void* data, [[maybe_unused]] size_t bytes) {
#ifdef MLX_ADDRESS_SANITIZER
  __asan_unpoison_memory_region(data, bytes);
#endif
}

}  // namespace mlx::core::allocator
