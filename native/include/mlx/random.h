#pragma once

#include <optional>
#include <utility>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core::random {

// Threefry counters under a key of two uint32, as in MLX and JAX: the same key gives the same
// numbers. Without a key, the next one of the calling thread's sequence is used.

/// A stream of keys: each splits off the state, which moves on.
class MLX_API KeySequence {
 public:
  explicit KeySequence(uint64_t seed);
  void seed(uint64_t seed);
  array next();
  /// The key from which the next ones come; for saving and restoring, and for compiling functions
  /// that draw.
  const array& state() const { return key_; }
  /// Throws std::invalid_argument for anything but two uint32.
  void set_state(array key);

  /// The calling thread's own, seeded by the system.
  static KeySequence& default_();

 private:
  array key_;
};

MLX_API array key(uint64_t seed);
/// Seeds the calling thread's sequence.
MLX_API void seed(uint64_t seed);

/// num keys from one, as rows.
MLX_API array split(const array& key, int num, StreamOrDevice s = {});
MLX_API std::pair<array, array> split(const array& key, StreamOrDevice s = {});

/// Random bits in unsigned integers of width bytes: 1, 2 or 4.
MLX_API array bits(const Shape& shape, int width, const std::optional<array>& key = std::nullopt,
                   StreamOrDevice s = {});
inline array bits(const Shape& shape, const std::optional<array>& key = std::nullopt,
                  StreamOrDevice s = {}) {
  return bits(shape, 4, key, s);
}

// Bounds and parameters are broadcast to the shape (ShapeError when they don't fit). Floating
// distributions throw DtypeError for other dtypes.

/// Evenly in [low, high).
MLX_API array uniform(const array& low, const array& high, const Shape& shape,
                      Dtype dtype = float32, const std::optional<array>& key = std::nullopt,
                      StreamOrDevice s = {});
template <typename T, typename U>
array uniform(T low, U high, const Shape& shape, Dtype dtype = float32,
              const std::optional<array>& key = std::nullopt, StreamOrDevice s = {}) {
  return uniform(array(low), array(high), shape, dtype, key, s);
}
/// In [0, 1).
MLX_API array uniform(const Shape& shape, Dtype dtype,
                      const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});
MLX_API array uniform(const Shape& shape, const std::optional<array>& key = std::nullopt,
                      StreamOrDevice s = {});

/// The normal distribution with mean loc (0) and standard deviation scale (1); complex64 has
/// variance scale^2 in all, half of it in each part.
MLX_API array normal(const Shape& shape, Dtype dtype, const std::optional<array>& loc,
                     const std::optional<array>& scale, const std::optional<array>& key,
                     StreamOrDevice s = {});
inline array normal(const Shape& shape, Dtype dtype, const float loc, const float scale,
                    const std::optional<array>& key = std::nullopt, StreamOrDevice s = {}) {
  auto mean = loc == 0 ? std::nullopt : std::make_optional(array(loc, dtype));
  auto deviation = scale == 1 ? std::nullopt : std::make_optional(array(scale, dtype));
  return normal(shape, dtype, mean, deviation, key, s);
}
inline array normal(const Shape& shape, const float loc, const float scale,
                    const std::optional<array>& key = std::nullopt, StreamOrDevice s = {}) {
  return normal(shape, float32, loc, scale, key, s);
}
inline array normal(const Shape& shape, const Dtype dtype,
                    const std::optional<array>& key = std::nullopt, StreamOrDevice s = {}) {
  return normal(shape, dtype, std::nullopt, std::nullopt, key, s);
}
inline array normal(const Shape& shape, const std::optional<array>& key = std::nullopt,
                    StreamOrDevice s = {}) {
  return normal(shape, float32, std::nullopt, std::nullopt, key, s);
}

/// Vectors of the normal distribution with the given mean (..., n) and covariance (..., n, n), in a
/// shape to which the axes before them are broadcast; by default their own. A covariance that isn't
/// finite is an EngineError when it is evaluated.
MLX_API array multivariate_normal(const array& mean, const array& cov, const Shape& shape,
                                  Dtype dtype, const std::optional<array>& key = std::nullopt,
                                  StreamOrDevice s = {});

/// Integers in [low, high). Throws DtypeError for other dtypes.
MLX_API array randint(const array& low, const array& high, const Shape& shape, Dtype dtype = int32,
                      const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});
template <typename T, typename U>
array randint(T low, U high, const Shape& shape, Dtype dtype = int32,
              const std::optional<array>& key = std::nullopt, StreamOrDevice s = {}) {
  return randint(array(low), array(high), shape, dtype, key, s);
}

/// True with probability p (0.5).
MLX_API array bernoulli(const array& p, const Shape& shape,
                        const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});
MLX_API array bernoulli(const array& p, const std::optional<array>& key = std::nullopt,
                        StreamOrDevice s = {});
template <typename T>
array bernoulli(T p, const Shape& shape, const std::optional<array>& key = std::nullopt,
                StreamOrDevice s = {}) {
  return bernoulli(array(p), shape, key, s);
}
template <typename T>
array bernoulli(T p, const std::optional<array>& key = std::nullopt, StreamOrDevice s = {}) {
  return bernoulli(array(p), key, s);
}
MLX_API array bernoulli(const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});

/// The standard normal distribution between two bounds.
MLX_API array truncated_normal(const array& lower, const array& upper, const Shape& shape,
                               Dtype dtype = float32,
                               const std::optional<array>& key = std::nullopt,
                               StreamOrDevice s = {});
MLX_API array truncated_normal(const array& lower, const array& upper, Dtype dtype = float32,
                               const std::optional<array>& key = std::nullopt,
                               StreamOrDevice s = {});

/// The standard Gumbel distribution.
MLX_API array gumbel(const Shape& shape, Dtype dtype = float32,
                     const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});

/// The Laplace distribution with mean loc (0) and the given scale (1).
MLX_API array laplace(const Shape& shape, Dtype dtype, const float loc, const float scale,
                      const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});
inline array laplace(const Shape& shape, const float loc, const float scale,
                     const std::optional<array>& key = std::nullopt, StreamOrDevice s = {}) {
  return laplace(shape, float32, loc, scale, key, s);
}
inline array laplace(const Shape& shape, const Dtype dtype,
                     const std::optional<array>& key = std::nullopt, StreamOrDevice s = {}) {
  return laplace(shape, dtype, 0.0, 1.0, key, s);
}
inline array laplace(const Shape& shape, const std::optional<array>& key = std::nullopt,
                     StreamOrDevice s = {}) {
  return laplace(shape, float32, 0.0, 1.0, key, s);
}

/// Indices in uint32 along an axis, drawn with the probabilities softmax(logits). shape is
/// broadcast from logits' without the axis; num_samples becomes a new last axis.
MLX_API array categorical(const array& logits, int axis, const Shape& shape,
                          const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});
MLX_API array categorical(const array& logits, int axis, int num_samples,
                          const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});
MLX_API array categorical(const array& logits, int axis = -1,
                          const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});

/// The slices along an axis, or the numbers below x, in random order.
MLX_API array permutation(const array& x, int axis = 0,
                          const std::optional<array>& key = std::nullopt, StreamOrDevice s = {});
MLX_API array permutation(int x, const std::optional<array>& key = std::nullopt,
                          StreamOrDevice s = {});

}  // namespace mlx::core::random
