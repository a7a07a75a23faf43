#pragma once

#include <cstdint>

#include "runtime/function_ref.h"

namespace mlx::core::cpu {

// Products of float or double columns with one or two vectors, a few columns at once, as they are
// read from near caches.

/// A matrix of `count` contiguous columns, `stride` elements apart.
template <typename T>
struct Columns {
  const T* data;
  int64_t stride, rows, count;
};

/// dots[v * count + j] = column j . x[v], the vectors x following each other.
template <typename T>
void dot_columns(const Columns<T>& a, int vectors, const T* x, T* dots);

/// out[v] = a @ x[v], or added to what is there.
template <typename T>
void add_columns(const Columns<T>& a, int vectors, const T* x, bool accumulate, T* out);

/// How many columns the function below takes at once; the last may be fewer.
inline constexpr int kColumnGroup = 8;

/// For each group of columns its dots with x, then, while it is in the first cache, its columns
/// times what weigh(first, count, dots, weights) makes of them, added to out. Both lie
/// kColumnGroup apart for each vector.
template <typename T>
void dot_and_add_columns(
    const Columns<T>& a, int vectors, const T* x,
    FunctionRef<void(int64_t first, int64_t count, const T* dots, T* weights)> weigh, T* out);

}  // namespace mlx::core::cpu
