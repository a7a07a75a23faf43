#include "mlx/ops/scan.h"

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/dtype_checks.h"
#include "primitives/scan.h"

namespace mlx::core {
namespace {

array scan(const char* name, Scan::ReduceType type, const array& a, int axis, bool reverse,
           bool inclusive, StreamOrDevice s) {
  axis = normalize_axis_index(axis, int(a.ndim()), concat_text("[", name, "] "));
  auto primitive = std::make_shared<Scan>(to_stream(s), type, axis, reverse, inclusive);
  return array(a.shape(), a.dtype(), std::move(primitive), {a});
}

/// In the dtype that totals are asked for in; booleans are counted.
array counted(const array& a, std::optional<Dtype> dtype, StreamOrDevice s) {
  if (dtype) return astype(a, *dtype == bool_ ? int32 : *dtype, s);
  return a.dtype() == bool_ ? astype(a, int32, s) : a;
}

array in_dtype(const array& a, std::optional<Dtype> dtype, StreamOrDevice s) {
  return dtype ? astype(a, *dtype, s) : a;
}

}  // namespace

array cumsum(const array& a, int axis, bool reverse, bool inclusive, std::optional<Dtype> dtype,
             StreamOrDevice s) {
  array totals = scan("cumsum", Scan::Sum, counted(a, dtype, s), axis, reverse, inclusive, s);
  return in_dtype(totals, dtype, s);
}
array cumsum(const array& a, bool reverse, bool inclusive, std::optional<Dtype> dtype,
             StreamOrDevice s) {
  return cumsum(flatten(a, s), 0, reverse, inclusive, dtype, s);
}

array cumprod(const array& a, int axis, bool reverse, bool inclusive, std::optional<Dtype> dtype,
              StreamOrDevice s) {
  array totals = scan("cumprod", Scan::Prod, counted(a, dtype, s), axis, reverse, inclusive, s);
  return in_dtype(totals, dtype, s);
}
array cumprod(const array& a, bool reverse, bool inclusive, std::optional<Dtype> dtype,
              StreamOrDevice s) {
  return cumprod(flatten(a, s), 0, reverse, inclusive, dtype, s);
}

array cummax(const array& a, int axis, bool reverse, bool inclusive, StreamOrDevice s) {
  require_real("cummax", a.dtype());
  return scan("cummax", Scan::Max, a, axis, reverse, inclusive, s);
}
array cummax(const array& a, bool reverse, bool inclusive, StreamOrDevice s) {
  return cummax(flatten(a, s), 0, reverse, inclusive, s);
}

array cummin(const array& a, int axis, bool reverse, bool inclusive, StreamOrDevice s) {
  require_real("cummin", a.dtype());
  return scan("cummin", Scan::Min, a, axis, reverse, inclusive, s);
}
array cummin(const array& a, bool reverse, bool inclusive, StreamOrDevice s) {
  return cummin(flatten(a, s), 0, reverse, inclusive, s);
}

array logcumsumexp(const array& a, int axis, bool reverse, bool inclusive, StreamOrDevice s) {
  array x = astype(a, at_least_float(a.dtype()), s);
  return scan("logcumsumexp", Scan::LogAddExp, x, axis, reverse, inclusive, s);
}
array logcumsumexp(const array& a, bool reverse, bool inclusive, StreamOrDevice s) {
  return logcumsumexp(flatten(a, s), 0, reverse, inclusive, s);
}

array diff(const array& a, int n, int axis, StreamOrDevice s) {
  if (n < 0)
    throw std::invalid_argument(
        concat_text("[diff] n is how often to difference and can't be negative, but is ", n, "."));
  axis = normalize_axis_index(axis, int(a.ndim()), "[diff] ");
  auto part = [&](const array& x, int begin, int end) {
    Shape start(x.ndim(), 0), stop = x.shape();
    start[axis] = begin;
    stop[axis] = end;
    return slice(x, start, stop, s);
  };
  // Nothing is left after as many times as there are elements.
  if (n >= a.shape(axis)) return part(a, 0, 0);
  // Each time makes nodes of its own.
  constexpr int most_times = 65535;
  if (n > most_times)
    throw std::out_of_range(concat_text("[diff] n is at most ", most_times, " but is ", n, "."));
  array result = a;
  for (int size = a.shape(axis); n > 0; --n, --size) {
    array later = part(result, 1, size), earlier = part(result, 0, size - 1);
    result = a.dtype() == bool_ ? not_equal(later, earlier, s) : subtract(later, earlier, s);
  }
  return result;
}

}  // namespace mlx::core
