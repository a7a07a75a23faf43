#pragma once

#include <type_traits>

namespace mlx::core::cpu {

namespace detail {
template <typename T>
struct UnsignedType {
  using type = T;
};
template <typename T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
struct UnsignedType<T> {
  using type = std::make_unsigned_t<T>;
};
}  // namespace detail

/// For loops in which an integer's sign doesn't matter, so that one serves both. Other types are
/// themselves.
template <typename T>
using Unsigned = typename detail::UnsignedType<T>::type;

}  // namespace mlx::core::cpu
