#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <string>

#include "cpu/linalg/lapack.h"
#include "mlx/dtype.h"
#include "mlx/errors.h"
#include "mlx/utils.h"
#include "runtime/function_ref.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {

/// Calls body(i) for each of `count` matrices on the threads, several at once when one of them is
/// little `work` (multiplications, about).
inline void for_each_matrix(int64_t count, double work, FunctionRef<void(int64_t)> body) {
  constexpr double kWorkOfChunk = 1 << 16;
  const auto grain = int64_t(std::clamp(kWorkOfChunk / (work + 1), 1.0, 1e6));
  parallel_for(size_t(count), size_t(grain), [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) body(int64_t(i));
  });
}

/// Calls f with a null pointer to the element type of a dtype that LAPACK has.
template <typename F>
decltype(auto) dispatch_lapack(Dtype dtype, F&& f) {
  switch (dtype) {
    case Dtype::Val::float32:
      return f(static_cast<float*>(nullptr));
    case Dtype::Val::float64:
      return f(static_cast<double*>(nullptr));
    case Dtype::Val::complex64:
      return f(static_cast<complex64_t*>(nullptr));
    default:
      throw DtypeError(concat_text("[linalg] LAPACK has no routines for ", dtype, "."));
  }
}

template <typename T>
bool is_finite(const T* a, int64_t count) {
  // The sum of zeros times the elements is NaN if one of them isn't finite; it vectorises.
  const auto* parts = reinterpret_cast<const Real<T>*>(a);
  const int64_t length = count * int64_t(sizeof(T) / sizeof(Real<T>));
  constexpr int64_t kLanes = 16;
  Real<T> lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= length; i += kLanes)
    for (int64_t j = 0; j < kLanes; ++j) lanes[j] += parts[i + j] * 0;
  for (; i < length; ++i) lanes[0] += parts[i] * 0;
  Real<T> sum = 0;
  for (Real<T> lane : lanes) sum += lane;
  return sum == 0;
}

template <typename T>
void fill_nan(T* a, int64_t count) {
  std::fill_n(a, count, T(std::numeric_limits<Real<T>>::quiet_NaN()));
}

/// "The matrix" or "Matrix 3 of 8", for errors.
inline std::string matrix_name(int64_t i, int64_t count) {
  return count == 1 ? "The matrix" : concat_text("Matrix ", i, " of ", count);
}

[[noreturn]] inline void throw_singular(const char* op, int64_t i, int64_t count) {
  throw EngineError(concat_text("[", op, "] ", matrix_name(i, count), " is singular."));
}

/// For methods that converge on finite matrices alone.
template <typename T>
void require_finite(const char* op, const T* a, int64_t elements, int64_t i, int64_t count) {
  if (!is_finite(a, elements))
    throw EngineError(concat_text("[", op, "] ", matrix_name(i, count), " holds NaN or infinity."));
}

inline void require_convergence(const char* op, int info, int64_t i, int64_t count) {
  if (info != 0)
    throw EngineError(concat_text("[", op, "] ", matrix_name(i, count), " did not converge."));
}

/// Zeros all of a row-contiguous (n, n) matrix but one triangle.
template <typename T>
void keep_triangle(bool upper, int64_t n, T* a) {
  for (int64_t i = 0; i < n; ++i)
    if (upper)
      std::fill_n(a + i * n, i, T(0));
    else
      std::fill_n(a + i * n + i + 1, n - i - 1, T(0));
}

}  // namespace mlx::core::cpu
