#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#include "mlx/api.h"

namespace mlx::core {

class array;

namespace detail {

/// Memory for the small objects that graphs consist of: what a thread gave back is taken again
/// first, since building a graph is mostly making and freeing them.
MLX_API void* take_node_memory(size_t bytes);
MLX_API void give_node_memory(void* memory, size_t bytes) noexcept;

/// Lets containers and shared pointers use that memory.
template <typename T>
struct NodeAllocator {
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using is_always_equal = std::true_type;

  constexpr NodeAllocator() noexcept = default;
  constexpr NodeAllocator(const NodeAllocator&) noexcept = default;
  template <typename U>
  constexpr NodeAllocator(const NodeAllocator<U>&) noexcept {}
  constexpr NodeAllocator& operator=(const NodeAllocator&) noexcept = default;

  T* allocate(size_t count) {
    if (count > size_t(-1) / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(take_node_memory(count * sizeof(T)));
  }
  void deallocate(T* memory, size_t count) noexcept { give_node_memory(memory, count * sizeof(T)); }

  friend constexpr bool operator==(const NodeAllocator&, const NodeAllocator&) { return true; }
};

}  // namespace detail
}  // namespace mlx::core

/// Every node has a std::vector of its inputs, as MLX's API has it; this makes it cheap.
template <>
class std::allocator<mlx::core::array> : public mlx::core::detail::NodeAllocator<mlx::core::array> {
 public:
  using size_type = size_t;
  using difference_type = std::ptrdiff_t;

  constexpr allocator() noexcept = default;
  constexpr allocator(const allocator&) noexcept = default;
  template <typename U>
  constexpr allocator(const std::allocator<U>&) noexcept {}
  constexpr allocator& operator=(const allocator&) noexcept = default;
};
