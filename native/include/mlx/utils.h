#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "mlx/array.h"
#include "mlx/device.h"
#include "mlx/dtype.h"
#include "mlx/stream.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// ---- Printing

/// How arrays are printed.
struct PrintOptions {
  /// Digits after the point of a floating value; -1 for six significant ones.
  int precision = -1;
};

/// How one value is printed.
struct MLX_API PrintFormatter {
  PrintOptions format_options;
  /// "True" and "False".
  bool capitalize_bool = false;

  void print(std::ostream& os, bool value);
  void print(std::ostream& os, int16_t value);
  void print(std::ostream& os, uint16_t value);
  void print(std::ostream& os, int32_t value);
  void print(std::ostream& os, uint32_t value);
  void print(std::ostream& os, int64_t value);
  void print(std::ostream& os, uint64_t value);
  void print(std::ostream& os, float16_t value);
  void print(std::ostream& os, bfloat16_t value);
  void print(std::ostream& os, float value);
  void print(std::ostream& os, double value);
  void print(std::ostream& os, complex64_t value);
};

/// The calling thread's.
MLX_API PrintFormatter& get_global_formatter();
MLX_API void set_printoptions(PrintOptions options);

/// The array as MLX prints it: `array([1, 2, 3], dtype=float32)`; long axes are shortened.
/// Evaluates.
MLX_API std::ostream& operator<<(std::ostream& os, array a);

/// Writes "1+2j".
MLX_API std::ostream& operator<<(std::ostream& os, const complex64_t& v);
MLX_API std::ostream& operator<<(std::ostream& os, const float16_t& v);
MLX_API std::ostream& operator<<(std::ostream& os, const bfloat16_t& v);
/// Writes "(2,3)".
MLX_API std::ostream& operator<<(std::ostream& os, const std::vector<int>& v);
MLX_API std::ostream& operator<<(std::ostream& os, const std::vector<int64_t>& v);

// ---- Facts about number types

/// Throws DtypeError for a dtype that isn't floating or complex.
struct MLX_API finfo {
  explicit finfo(Dtype dtype);
  Dtype dtype;
  /// The lowest and the largest finite value.
  double min, max;
  /// From 1 to the next value.
  double eps;
};

/// Throws DtypeError for a dtype that isn't an integer.
struct MLX_API iinfo {
  explicit iinfo(Dtype dtype);
  Dtype dtype;
  int64_t min;
  uint64_t max;
};

// ---- Shapes and dtypes

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
/// The axis counted from the front; throws IndexError naming the operation.
MLX_API int normalize_axis_index(int axis, int ndim, const std::string& message_prefix = "");
/// The same for several, sorted; throws std::invalid_argument when one stands twice.
MLX_API std::vector<int> normalize_axes(const std::vector<int>& axes, int ndim,
                                        const std::string& message_prefix);
/// Strides of a row-contiguous array.
MLX_API Strides row_contiguous_strides(const Shape& shape);

/// A size as a dimension; throws std::overflow_error for one that 32 bits don't hold.
MLX_API ShapeElem checked_dimension(int64_t size, std::string_view op);
template <typename T>
ShapeElem safe_cast(T dim, std::string_view op = "") {
  return checked_dimension(int64_t(dim), op);
}

inline bool is_power_of_2(int n) { return n > 0 && (n & (n - 1)) == 0; }
/// The smallest power of two that is at least n.
inline int next_power_of_2(int n) {
  int power = 1;
  while (power < n && power < 1 << 30) power *= 2;
  return power;
}

/// Whether the calling thread is the one that the program began with.
MLX_API bool is_main_thread();

// ---- Environment variables, read at the first call

namespace env {

/// The variable as a number or text; the default where it isn't set or no number.
MLX_API int get_var(const char* name, int default_value);
MLX_API const char* get_var(const char* name, const char* default_value);

/// MLX_ENABLE_TF32 (0): whether float32 products may be less exact on a GPU.
MLX_API bool enable_tf32();

// These switches of MLX's can be asked for; nothing here depends on them.
MLX_API int bfs_max_width();
MLX_API int max_ops_per_buffer(int default_value);
MLX_API int max_mb_per_buffer(int default_value);
MLX_API bool metal_fast_synch();
MLX_API const char* metal_gpu_arch();
MLX_API int nccl_timeout(int default_value);
MLX_API bool residency_debug();
MLX_API int residency_set_max_pct();

}  // namespace env

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
