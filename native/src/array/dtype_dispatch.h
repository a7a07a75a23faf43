#pragma once

#include <utility>

#include "mlx/dtype.h"
#include "mlx/errors.h"

namespace mlx::core {

/// Carries a C++ element type as a value, for generic lambdas.
template <typename T>
struct TypeTag {
  using type = T;
};

/// Calls f(TypeTag<T>) with the element type of an integer dtype (not bool); throws otherwise.
template <typename F>
decltype(auto) dispatch_integral(Dtype::Val dtype, F&& f) {
  switch (dtype) {
    case Dtype::Val::uint8:
      return f(TypeTag<uint8_t>{});
    case Dtype::Val::uint16:
      return f(TypeTag<uint16_t>{});
    case Dtype::Val::uint32:
      return f(TypeTag<uint32_t>{});
    case Dtype::Val::uint64:
      return f(TypeTag<uint64_t>{});
    case Dtype::Val::int8:
      return f(TypeTag<int8_t>{});
    case Dtype::Val::int16:
      return f(TypeTag<int16_t>{});
    case Dtype::Val::int32:
      return f(TypeTag<int32_t>{});
    case Dtype::Val::int64:
      return f(TypeTag<int64_t>{});
    default:
      throw DtypeError("[dispatch] expected an integer dtype");
  }
}

/// The same for float16, bfloat16, float32 and float64.
template <typename F>
decltype(auto) dispatch_float(Dtype::Val dtype, F&& f) {
  switch (dtype) {
    case Dtype::Val::float16:
      return f(TypeTag<float16_t>{});
    case Dtype::Val::bfloat16:
      return f(TypeTag<bfloat16_t>{});
    case Dtype::Val::float32:
      return f(TypeTag<float>{});
    case Dtype::Val::float64:
      return f(TypeTag<double>{});
    default:
      throw DtypeError("[dispatch] expected a floating dtype");
  }
}

/// The same for all fourteen dtypes.
template <typename F>
decltype(auto) dispatch_dtype(Dtype::Val dtype, F&& f) {
  switch (dtype) {
    case Dtype::Val::bool_:
      return f(TypeTag<bool>{});
    case Dtype::Val::complex64:
      return f(TypeTag<complex64_t>{});
    case Dtype::Val::float16:
    case Dtype::Val::bfloat16:
    case Dtype::Val::float32:
    case Dtype::Val::float64:
      return dispatch_float(dtype, std::forward<F>(f));
    default:
      return dispatch_integral(dtype, std::forward<F>(f));
  }
}

/// For code that only moves bytes: calls f with an unsigned type of the element's size.
template <typename F>
decltype(auto) dispatch_width(size_t bytes, F&& f) {
  switch (bytes) {
    case 1:
      return f(TypeTag<uint8_t>{});
    case 2:
      return f(TypeTag<uint16_t>{});
    case 4:
      return f(TypeTag<uint32_t>{});
    default:
      return f(TypeTag<uint64_t>{});
  }
}

}  // namespace mlx::core
