#pragma once

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// The numbers from start (0) up to stop, without it, by step (1). Doubles give float32 unless a
/// dtype is named, ints give int32. Throws std::invalid_argument for a step of zero, NaN,
/// infinities and lengths beyond int32.
MLX_API array arange(double start, double stop, double step, Dtype dtype, StreamOrDevice s = {});
MLX_API array arange(double start, double stop, double step, StreamOrDevice s = {});
MLX_API array arange(double start, double stop, Dtype dtype, StreamOrDevice s = {});
MLX_API array arange(double start, double stop, StreamOrDevice s = {});
MLX_API array arange(double stop, Dtype dtype, StreamOrDevice s = {});
MLX_API array arange(double stop, StreamOrDevice s = {});
MLX_API array arange(int start, int stop, int step, StreamOrDevice s = {});
MLX_API array arange(int start, int stop, StreamOrDevice s = {});
MLX_API array arange(int stop, StreamOrDevice s = {});

/// num numbers evenly spaced from start to stop, both included unless endpoint is false.
MLX_API array linspace(double start, double stop, int num = 50, Dtype dtype = float32,
                       StreamOrDevice s = {});
MLX_API array linspace(double start, double stop, int num, bool endpoint, Dtype dtype = float32,
                       StreamOrDevice s = {});

/// An array of the shape filled with vals, which are broadcast to it.
MLX_API array full(Shape shape, array vals, Dtype dtype, StreamOrDevice s = {});
MLX_API array full(Shape shape, array vals, StreamOrDevice s = {});
template <typename T>
array full(Shape shape, T val, Dtype dtype, StreamOrDevice s = {}) {
  return full(std::move(shape), array(val, dtype), s);
}
template <typename T>
array full(Shape shape, T val, StreamOrDevice s = {}) {
  return full(std::move(shape), array(val), s);
}

/// The same with another array's shape, and its dtype unless one is named.
MLX_API array full_like(const array& a, array vals, Dtype dtype, StreamOrDevice s = {});
MLX_API array full_like(const array& a, array vals, StreamOrDevice s = {});
template <typename T>
array full_like(const array& a, T val, Dtype dtype, StreamOrDevice s = {}) {
  return full_like(a, array(val, dtype), dtype, s);
}
template <typename T>
array full_like(const array& a, T val, StreamOrDevice s = {}) {
  return full_like(a, array(val, a.dtype()), s);
}

MLX_API array zeros(const Shape& shape, Dtype dtype, StreamOrDevice s = {});
inline array zeros(const Shape& shape, StreamOrDevice s = {}) { return zeros(shape, float32, s); }
MLX_API array zeros_like(const array& a, Dtype dtype, StreamOrDevice s = {});
inline array zeros_like(const array& a, StreamOrDevice s = {}) {
  return zeros_like(a, a.dtype(), s);
}

MLX_API array ones(const Shape& shape, Dtype dtype, StreamOrDevice s = {});
inline array ones(const Shape& shape, StreamOrDevice s = {}) { return ones(shape, float32, s); }
MLX_API array ones_like(const array& a, Dtype dtype, StreamOrDevice s = {});
inline array ones_like(const array& a, StreamOrDevice s = {}) { return ones_like(a, a.dtype(), s); }

/// A matrix of n rows and m columns with ones where column - row == k and zeros elsewhere.
MLX_API array eye(int n, int m, int k, Dtype dtype, StreamOrDevice s = {});
inline array eye(int n, Dtype dtype, StreamOrDevice s = {}) { return eye(n, n, 0, dtype, s); }
inline array eye(int n, int m, StreamOrDevice s = {}) { return eye(n, m, 0, float32, s); }
inline array eye(int n, int m, int k, StreamOrDevice s = {}) { return eye(n, m, k, float32, s); }
inline array eye(int n, StreamOrDevice s = {}) { return eye(n, n, 0, float32, s); }

/// The square matrix with ones on its diagonal.
MLX_API array identity(int n, Dtype dtype, StreamOrDevice s = {});
inline array identity(int n, StreamOrDevice s = {}) { return identity(n, float32, s); }

/// A matrix with ones where column - row <= k and zeros elsewhere.
MLX_API array tri(int n, int m, int k, Dtype type, StreamOrDevice s = {});
inline array tri(int n, Dtype type, StreamOrDevice s = {}) { return tri(n, n, 0, type, s); }

/// The matrices on the last two axes with zeros above (below) diagonal k.
MLX_API array tril(array x, int k = 0, StreamOrDevice s = {});
MLX_API array triu(array x, int k = 0, StreamOrDevice s = {});

/// A graph node of its own with the same values.
MLX_API array copy(array a, StreamOrDevice s = {});

/// The same values in row-contiguous memory, or column-contiguous where that is allowed and there.
MLX_API array contiguous(const array& a, bool allow_col_major = false, StreamOrDevice s = {});

/// The product of the sizes of the axes, or its inverse, as a scalar that shapeless compilation
/// computes anew for every shape.
MLX_API array number_of_elements(const array& a, std::vector<int> axes, bool inverted,
                                 Dtype dtype = int32, StreamOrDevice s = {});

}  // namespace mlx::core
