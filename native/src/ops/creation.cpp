#include "mlx/ops/creation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mlx/ops.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "primitives/creation.h"
#include "primitives/graph.h"
#include "primitives/shape.h"

namespace mlx::core {
namespace {

void require_not_negative(const char* op, int n, int m) {
  if (n < 0 || m < 0)
    throw ShapeError(
        concat_text("[", op, "] Expected sizes of at least 0 but received ", n, " and ", m, "."));
}

/// The mask of tri, which a diagonal far outside the matrix leaves empty or full.
array triangle(int n, int m, int k, const Stream& stream) {
  // Without rows, columns may be more than fit memory.
  if (n == 0 || m == 0) return zeros({n, m}, bool_, stream);
  k = std::clamp(k, -n, m);
  array rows = expand_dims(arange(n, stream), 1, stream);
  // The last of very many columns saturates, beyond every row.
  array shifted = arange(-double(k), double(m) - k, int32, stream);
  array columns = expand_dims(shifted, 0, stream);
  return greater_equal(rows, columns, stream);
}

array last_triangle(const char* op, const array& x, int k, const Stream& stream) {
  if (x.ndim() < 2)
    throw ShapeError(concat_text("[", op, "] Expected at least 2 dimensions but received shape ",
                                 x.shape(), "."));
  return triangle(x.shape(-2), x.shape(-1), k, stream);
}

}  // namespace

// ---- Sequences

array arange(double start, double stop, double step, Dtype dtype, StreamOrDevice s) {
  if (dtype == bool_) throw DtypeError("[arange] Not defined for bool; expected a numeric dtype.");
  if (!std::isfinite(start) || !std::isfinite(stop) || std::isnan(step) || step == 0)
    throw std::invalid_argument(concat_text(
        "[arange] Expected finite limits and a step other than zero but received start ", start,
        ", stop ", stop, " and step ", step, "."));
  double count = std::max(std::ceil((stop - start) / step), 0.0);
  // With an infinite step nothing follows the start.
  if (std::isinf(step)) count = (stop > start) == (step > 0) && stop != start ? 1 : 0;
  if (count > std::numeric_limits<int>::max())
    throw std::invalid_argument(
        concat_text("[arange] ", count, " elements are more than an axis can have."));
  if (count <= 1) step = 0;
  Shape shape{int(count)};
  return array(std::move(shape), dtype,
               std::make_shared<Arange>(to_stream(s), start, step, int(count)), {});
}

array arange(double start, double stop, double step, StreamOrDevice s) {
  return arange(start, stop, step, float32, s);
}
array arange(double start, double stop, Dtype dtype, StreamOrDevice s) {
  return arange(start, stop, 1.0, dtype, s);
}
array arange(double start, double stop, StreamOrDevice s) {
  return arange(start, stop, 1.0, float32, s);
}
array arange(double stop, Dtype dtype, StreamOrDevice s) {
  return arange(0.0, stop, 1.0, dtype, s);
}
array arange(double stop, StreamOrDevice s) { return arange(0.0, stop, 1.0, float32, s); }
array arange(int start, int stop, int step, StreamOrDevice s) {
  return arange(double(start), double(stop), double(step), int32, s);
}
array arange(int start, int stop, StreamOrDevice s) { return arange(start, stop, 1, s); }
array arange(int stop, StreamOrDevice s) { return arange(0, stop, 1, s); }

array linspace(double start, double stop, int num, Dtype dtype, StreamOrDevice s) {
  return linspace(start, stop, num, true, dtype, s);
}

array linspace(double start, double stop, int num, bool endpoint, Dtype dtype, StreamOrDevice s) {
  if (num < 0)
    throw std::invalid_argument(concat_text(
        "[linspace] Expected a number of samples of at least 0 but received ", num, "."));
  int steps = std::max(endpoint ? num - 1 : num, 1);
  Dtype real = dtype == float64 ? float64 : float32;
  // Weighing both ends gives each of them exactly.
  array t = divide(arange(0.0, num, 1.0, real, s), array(steps, real), s);
  array from = multiply(subtract(array(1, real), t, s), array(start, real), s);
  return astype(add(from, multiply(t, array(stop, real), s), s), dtype, s);
}

// ---- Constants

array full(Shape shape, array vals, Dtype dtype, StreamOrDevice s) {
  Stream stream = to_stream(s);
  vals = astype(std::move(vals), dtype, stream);
  if (vals.shape() == shape) return vals;
  if (broadcast_shapes(vals.shape(), shape) != shape)
    throw ShapeError(concat_text("[full] Cannot fill shape ", shape, " with values of shape ",
                                 vals.shape(), "."));
  auto primitive = std::make_shared<Full>(stream, shape);
  return array(std::move(shape), dtype, std::move(primitive), {std::move(vals)});
}
array full(Shape shape, array vals, StreamOrDevice s) {
  Dtype dtype = vals.dtype();
  return full(std::move(shape), std::move(vals), dtype, s);
}

array full_like(const array& a, array vals, Dtype dtype, StreamOrDevice s) {
  return full(a.shape(), std::move(vals), dtype, s);
}
array full_like(const array& a, array vals, StreamOrDevice s) {
  return full(a.shape(), std::move(vals), a.dtype(), s);
}

array zeros(const Shape& shape, Dtype dtype, StreamOrDevice s) {
  return full(shape, array(0, dtype), s);
}
array zeros_like(const array& a, Dtype dtype, StreamOrDevice s) {
  return zeros(a.shape(), dtype, s);
}
array ones(const Shape& shape, Dtype dtype, StreamOrDevice s) {
  return full(shape, array(1, dtype), s);
}
array ones_like(const array& a, Dtype dtype, StreamOrDevice s) { return ones(a.shape(), dtype, s); }

// ---- Matrices

array eye(int n, int m, int k, Dtype dtype, StreamOrDevice s) {
  require_not_negative("eye", n, m);
  return array({n, m}, dtype, std::make_shared<Eye>(to_stream(s), n, m, k), {});
}
array identity(int n, Dtype dtype, StreamOrDevice s) { return eye(n, n, 0, dtype, s); }

array tri(int n, int m, int k, Dtype type, StreamOrDevice s) {
  require_not_negative("tri", n, m);
  Stream stream = to_stream(s);
  return astype(triangle(n, m, k, stream), type, stream);
}

array tril(array x, int k, StreamOrDevice s) {
  Stream stream = to_stream(s);
  array kept = last_triangle("tril", x, k, stream);
  return where(kept, x, array(0, x.dtype()), stream);
}

array triu(array x, int k, StreamOrDevice s) {
  Stream stream = to_stream(s);
  // One lower than k, without overflow at the smallest of integers.
  array dropped =
      last_triangle("triu", x, std::max(k, -std::numeric_limits<int>::max()) - 1, stream);
  return where(dropped, array(0, x.dtype()), x, stream);
}

// ---- Copies

array copy(array a, StreamOrDevice s) {
  Shape shape = a.shape();
  Dtype dtype = a.dtype();
  return array(std::move(shape), dtype, std::make_shared<Copy>(to_stream(s)), {std::move(a)});
}

array contiguous(const array& a, bool allow_col_major, StreamOrDevice s) {
  return array(a.shape(), a.dtype(), std::make_shared<Contiguous>(to_stream(s), allow_col_major),
               {a});
}

array number_of_elements(const array& a, std::vector<int> axes, bool inverted, Dtype dtype,
                         StreamOrDevice s) {
  for (int& axis : axes) axis = normalize_axis_index(axis, int(a.ndim()), "[number_of_elements] ");
  if (detail::in_dynamic_tracing())
    return array(Shape{}, dtype,
                 std::make_shared<NumberOfElements>(to_stream(s), std::move(axes), inverted, dtype),
                 {a});
  double count = 1;
  for (int axis : axes) count *= a.shape(axis);
  return array(inverted ? 1 / count : count, dtype);
}

}  // namespace mlx::core
