#pragma once

#include <optional>
#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Operands are broadcast against each other (ShapeError when they don't fit) and promoted to one
// dtype. Functions with fractional results turn integers and booleans into float32.

/// The values in another dtype. Floats saturate in integers, NaN gives 0; a complex number keeps
/// its real part; everything but zero is true.
MLX_API array astype(array a, Dtype dtype, StreamOrDevice s = {});

// ---- One operand

/// The absolute value; of complex numbers as float32.
MLX_API array abs(const array& a, StreamOrDevice s = {});
/// Throws DtypeError for bool.
MLX_API array negative(const array& a, StreamOrDevice s = {});
MLX_API array positive(const array& a, StreamOrDevice s = {});
/// -1, 0 or 1; z / |z| for complex numbers.
MLX_API array sign(const array& a, StreamOrDevice s = {});

// Integers are whole already and stay as they are; complex numbers throw DtypeError.
MLX_API array floor(const array& a, StreamOrDevice s = {});
MLX_API array ceil(const array& a, StreamOrDevice s = {});
MLX_API array trunc(const array& a, StreamOrDevice s = {});
/// To so many decimals, halves to even; negative decimals round to tens.
MLX_API array round(const array& a, int decimals, StreamOrDevice s = {});
inline array round(const array& a, StreamOrDevice s = {}) { return round(a, 0, s); }

/// a * a, in a's dtype.
MLX_API array square(const array& a, StreamOrDevice s = {});
MLX_API array sqrt(const array& a, StreamOrDevice s = {});
MLX_API array rsqrt(const array& a, StreamOrDevice s = {});
MLX_API array reciprocal(const array& a, StreamOrDevice s = {});

MLX_API array exp(const array& a, StreamOrDevice s = {});
/// exp(a) - 1, precise near 0.
MLX_API array expm1(const array& a, StreamOrDevice s = {});
MLX_API array log(const array& a, StreamOrDevice s = {});
MLX_API array log2(const array& a, StreamOrDevice s = {});
MLX_API array log10(const array& a, StreamOrDevice s = {});
/// log(1 + a), precise near 0.
MLX_API array log1p(const array& a, StreamOrDevice s = {});
/// 1 / (1 + exp(-a)).
MLX_API array sigmoid(const array& a, StreamOrDevice s = {});
MLX_API array erf(const array& a, StreamOrDevice s = {});
MLX_API array erfinv(const array& a, StreamOrDevice s = {});

MLX_API array sin(const array& a, StreamOrDevice s = {});
MLX_API array cos(const array& a, StreamOrDevice s = {});
MLX_API array tan(const array& a, StreamOrDevice s = {});
MLX_API array arcsin(const array& a, StreamOrDevice s = {});
MLX_API array arccos(const array& a, StreamOrDevice s = {});
MLX_API array arctan(const array& a, StreamOrDevice s = {});
MLX_API array sinh(const array& a, StreamOrDevice s = {});
MLX_API array cosh(const array& a, StreamOrDevice s = {});
MLX_API array tanh(const array& a, StreamOrDevice s = {});
MLX_API array arcsinh(const array& a, StreamOrDevice s = {});
MLX_API array arccosh(const array& a, StreamOrDevice s = {});
MLX_API array arctanh(const array& a, StreamOrDevice s = {});
MLX_API array degrees(const array& a, StreamOrDevice s = {});
MLX_API array radians(const array& a, StreamOrDevice s = {});

/// Real arrays come back as they are.
MLX_API array conjugate(const array& a, StreamOrDevice s = {});
MLX_API array real(const array& a, StreamOrDevice s = {});
MLX_API array imag(const array& a, StreamOrDevice s = {});

MLX_API array isnan(const array& a, StreamOrDevice s = {});
MLX_API array isinf(const array& a, StreamOrDevice s = {});
MLX_API array isfinite(const array& a, StreamOrDevice s = {});
MLX_API array isposinf(const array& a, StreamOrDevice s = {});
MLX_API array isneginf(const array& a, StreamOrDevice s = {});
/// Replaces NaN and the infinities, these by default with the dtype's largest and lowest value.
MLX_API array nan_to_num(const array& a, float nan = 0.0f,
                         const std::optional<float> posinf = std::nullopt,
                         const std::optional<float> neginf = std::nullopt, StreamOrDevice s = {});

MLX_API array logical_not(const array& a, StreamOrDevice s = {});
/// Throws DtypeError for floating and complex dtypes.
MLX_API array bitwise_invert(const array& a, StreamOrDevice s = {});

/// The same values, which gradients don't pass.
MLX_API array stop_gradient(const array& a, StreamOrDevice s = {});

// ---- Two operands

MLX_API array add(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array subtract(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array multiply(const array& a, const array& b, StreamOrDevice s = {});
/// Of integers as float32.
MLX_API array divide(const array& a, const array& b, StreamOrDevice s = {});
/// Rounds the quotient down, keeping the dtype. Integers divided by zero give 0.
MLX_API array floor_divide(const array& a, const array& b, StreamOrDevice s = {});
/// What floor_divide leaves, with b's sign.
MLX_API array remainder(const array& a, const array& b, StreamOrDevice s = {});
/// floor_divide and remainder.
MLX_API std::vector<array> divmod(const array& a, const array& b, StreamOrDevice s = {});
/// Integers keep their dtype.
MLX_API array power(const array& a, const array& b, StreamOrDevice s = {});
/// NaN when either is.
MLX_API array maximum(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array minimum(const array& a, const array& b, StreamOrDevice s = {});
/// log(exp(a) + exp(b)) without overflow.
MLX_API array logaddexp(const array& a, const array& b, StreamOrDevice s = {});
/// The angle of the point (b, a).
MLX_API array arctan2(const array& a, const array& b, StreamOrDevice s = {});

MLX_API array equal(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array not_equal(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array less(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array less_equal(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array greater(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array greater_equal(const array& a, const array& b, StreamOrDevice s = {});

MLX_API array logical_and(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array logical_or(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array logical_xor(const array& a, const array& b, StreamOrDevice s = {});

// Of integers and booleans; others throw DtypeError. Shifts by the width or more shift all out.
MLX_API array bitwise_and(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array bitwise_or(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array bitwise_xor(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array left_shift(const array& a, const array& b, StreamOrDevice s = {});
MLX_API array right_shift(const array& a, const array& b, StreamOrDevice s = {});

// ---- Three

/// x where the condition holds, y elsewhere.
MLX_API array where(const array& condition, const array& x, const array& y, StreamOrDevice s = {});
/// Throws std::invalid_argument when neither bound is given.
MLX_API array clip(const array& a, const std::optional<array>& a_min = std::nullopt,
                   const std::optional<array>& a_max = std::nullopt, StreamOrDevice s = {});

// ---- Whether arrays agree

/// |a - b| <= atol + rtol * |b|, and equal infinities.
MLX_API array isclose(const array& a, const array& b, double rtol = 1e-5, double atol = 1e-8,
                      bool equal_nan = false, StreamOrDevice s = {});
/// Whether all are close: a scalar.
MLX_API array allclose(const array& a, const array& b, double rtol = 1e-5, double atol = 1e-8,
                       bool equal_nan = false, StreamOrDevice s = {});
/// Whether shapes and values are equal: a scalar.
MLX_API array array_equal(const array& a, const array& b, bool equal_nan, StreamOrDevice s = {});
inline array array_equal(const array& a, const array& b, StreamOrDevice s = {}) {
  return array_equal(a, b, false, s);
}

// ---- Operators

inline array operator-(const array& a) { return negative(a); }
inline array operator!(const array& a) { return logical_not(a); }
inline array operator~(const array& a) { return bitwise_invert(a); }

template <typename T>
concept ScalarOperand = std::is_arithmetic_v<T> || is_half_v<T> || is_complex_v<T> ||
                        std::is_same_v<T, std::complex<float>>;

/// A C++ scalar beside an array. A double is float32 unless the array is float64, so that x * 2.0
/// doesn't change x's precision.
template <ScalarOperand T>
array scalar_operand(T value, const array& other) {
  if constexpr (std::is_same_v<T, double>) {
    return array(value, other.dtype() == float64 ? float64 : float32);
  } else {
    return array(value);
  }
}

#define MLX_BINARY_OPERATOR(symbol, function)                                             \
  inline array operator symbol(const array& a, const array& b) { return function(a, b); } \
  template <ScalarOperand T>                                                              \
  array operator symbol(T a, const array& b) {                                            \
    return function(scalar_operand(a, b), b);                                             \
  }                                                                                       \
  template <ScalarOperand T>                                                              \
  array operator symbol(const array& a, T b) {                                            \
    return function(a, scalar_operand(b, a));                                             \
  }

MLX_BINARY_OPERATOR(+, add)
MLX_BINARY_OPERATOR(-, subtract)
MLX_BINARY_OPERATOR(*, multiply)
MLX_BINARY_OPERATOR(/, divide)
MLX_BINARY_OPERATOR(%, remainder)
MLX_BINARY_OPERATOR(==, equal)
MLX_BINARY_OPERATOR(!=, not_equal)
MLX_BINARY_OPERATOR(<, less)
MLX_BINARY_OPERATOR(<=, less_equal)
MLX_BINARY_OPERATOR(>, greater)
MLX_BINARY_OPERATOR(>=, greater_equal)
MLX_BINARY_OPERATOR(&&, logical_and)
MLX_BINARY_OPERATOR(||, logical_or)
MLX_BINARY_OPERATOR(&, bitwise_and)
MLX_BINARY_OPERATOR(|, bitwise_or)
MLX_BINARY_OPERATOR(^, bitwise_xor)
MLX_BINARY_OPERATOR(<<, left_shift)
MLX_BINARY_OPERATOR(>>, right_shift)

#undef MLX_BINARY_OPERATOR

}  // namespace mlx::core
