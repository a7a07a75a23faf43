#pragma once

#include <bit>
#include <cstddef>

namespace mlx::core::allocator {

/// Every buffer begins on a cache line.
constexpr size_t alignment = 64;
/// Buffers up to here are places in slabs.
constexpr size_t max_slab_size = 1024;
/// Buffers from here on are mapped, and ask for huge pages.
constexpr size_t huge_page = size_t(2) << 20;
/// No machine has more; sizes above are refused before any rounding could overflow.
constexpr size_t max_size = size_t(1) << 62;

constexpr int slab_classes = int(max_slab_size / alignment);
constexpr int classes_per_power = 8;
constexpr int first_power = std::countr_zero(max_slab_size);
constexpr int class_count = slab_classes + (62 - first_power) * classes_per_power;

/// Buffers of one class are interchangeable: steps of 64 bytes up to 1 KiB, then eight a power of
/// two, so that at most an eighth of a buffer is lost to rounding.
struct SizeClass {
  int index;
  size_t capacity;

  bool in_slab() const { return index < slab_classes; }
};

/// The smallest class that holds `size` bytes, which are at most max_size.
constexpr SizeClass size_class(size_t size) {
  if (size <= max_slab_size) {
    size_t steps = size == 0 ? 1 : (size + alignment - 1) / alignment;
    return {int(steps) - 1, steps * alignment};
  }
  int power = std::bit_width(size - 1) - 1;
  size_t step = size_t(1) << (power - 3);
  size_t steps = (size - 1) / step + 1;
  return {slab_classes + (power - first_power) * classes_per_power + int(steps) - 9, steps * step};
}

/// The largest class that so many bytes, more than a slab's, hold.
constexpr SizeClass largest_class_within(size_t bytes) {
  const size_t step = size_t(1) << (std::bit_width(bytes) - 4);
  return size_class(bytes / step * step);
}

}  // namespace mlx::core::allocator
