#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "mlx/array.h"
#include "mlx/device.h"
#include "mlx/dtype.h"
#include "mlx/stream.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// How arrays are printed.
struct PrintOptions {
  /// Digits after the point of a floating value; -1 for six significant ones.
  int precision = -1;
};

/// The calling thread's options.
MLX_API PrintOptions& print_options();
/// The array as MLX prints it: `array([1, 2, 3], dtype=float32)`; long axes are shortened.
/// Evaluates.
MLX_API std::ostream& operator<<(std::ostream& os, array a);

/// The dtype in which the arrays meet.
MLX_API Dtype result_type(const std::vector<array>& arrays);
inline Dtype result_type(const array& a, const array& b) {
  return promote_types(a.dtype(), b.dtype());
}
inline Dtype result_type(const array& a, const array& b, const array& c) {
  return promote_types(result_type(a, b), c.dtype());
}

/// The shape in which both meet by NumPy's rules; throws ShapeError.
MLX_API Shape broadcast_shapes(const Shape& a, const Shape& b);
/// Whether all arrays have one shape.
MLX_API bool is_same_shape(const std::vector<array>& arrays);
/// The axis counted from the front; throws std::out_of_range naming the operation.
MLX_API int normalize_axis_index(int axis, int ndim, const std::string& message_prefix = "");
/// The same for several, sorted; throws std::invalid_argument when one stands twice.
MLX_API std::vector<int> normalize_axes(const std::vector<int>& axes, int ndim,
                                        const std::string& message_prefix);
/// Strides of a row-contiguous array.
MLX_API Strides row_contiguous_strides(const Shape& shape);

inline std::ostream& operator<<(std::ostream& os, const std::vector<int>& v) {
  os << "(";
  for (size_t i = 0; i < v.size(); ++i) os << (i ? "," : "") << v[i];
  return os << ")";
}
inline std::ostream& operator<<(std::ostream& os, const std::vector<int64_t>& v) {
  os << "(";
  for (size_t i = 0; i < v.size(); ++i) os << (i ? "," : "") << v[i];
  return os << ")";
}

/// A number for a message, as JavaScript writes it: 1099511627776 and not 1.09951e+12.
std::string number_text(double number);
std::string number_text(float number);

/// Text of the parts one after another: for error messages with shapes and dtypes in them.
template <typename... Parts>
std::string concat_text(const Parts&... parts);

}  // namespace mlx::core

#include <sstream>
#include <type_traits>

template <typename... Parts>
std::string mlx::core::concat_text(const Parts&... parts) {
  std::ostringstream os;
  auto write = [&](const auto& part) {
    if constexpr (std::is_floating_point_v<std::decay_t<decltype(part)>>)
      os << number_text(part);
    else
      os << part;
  };
  (write(parts), ...);
  return os.str();
}
