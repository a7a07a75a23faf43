#include "mlx/ops/matmul.h"

#include <algorithm>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/matmul.h"

namespace mlx::core {
namespace {

void check_operands(const char* name, const array& a, const array& b) {
  if (a.ndim() == 0 || b.ndim() == 0)
    throw ShapeError(concat_text("[", name, "] Expected at least one dimension in both operands; ",
                                 "their shapes are ", a.shape(), " and ", b.shape(), "."));
  int inner = b.shape(b.ndim() == 1 ? 0 : -2);
  if (a.shape(-1) != inner)
    throw ShapeError(concat_text("[", name, "] The last dimension of shape ", a.shape(),
                                 " must match the second to last of shape ", b.shape(), "."));
}

/// The axes before the last two in a common shape.
array with_batch(const array& a, const Shape& batch, StreamOrDevice s) {
  Shape shape = batch;
  shape.insert(shape.end(), a.shape().end() - 2, a.shape().end());
  return a.shape() == shape ? a : broadcast_to(a, shape, s);
}

Shape batch_of(const array& a) { return Shape(a.shape().begin(), a.shape().end() - 2); }

/// Operands have at least two dimensions and one dtype.
array multiply_matrices(const array& a, const array& b, StreamOrDevice s) {
  if (a.ndim() > 2 && b.ndim() == 2) {
    // All rows meet the same matrix: one large product.
    Shape shape = a.shape();
    shape.back() = b.shape(1);
    return reshape(multiply_matrices(flatten(a, 0, -2, s), b, s), shape, s);
  }
  Shape batch = broadcast_shapes(batch_of(a), batch_of(b));
  Shape shape = batch;
  shape.push_back(a.shape(-2));
  shape.push_back(b.shape(-1));
  return array(std::move(shape), a.dtype(), std::make_shared<Matmul>(to_stream(s)),
               {with_batch(a, batch, s), with_batch(b, batch, s)});
}

array matmul(const char* name, const array& a, const array& b, StreamOrDevice s) {
  check_operands(name, a, b);
  Dtype dtype = result_type(a, b);
  // As in a sum, true counts as one.
  if (dtype == bool_) dtype = int32;
  array left = astype(a, dtype, s), right = astype(b, dtype, s);
  bool is_row = a.ndim() == 1, is_column = b.ndim() == 1;
  if (is_row) left = expand_dims(left, 0, s);
  if (is_column) right = expand_dims(right, 1, s);
  array product = multiply_matrices(left, right, s);
  if (is_column) product = squeeze(product, -1, s);
  if (is_row) product = squeeze(product, is_column ? -1 : -2, s);
  return product;
}

/// The axes not in a list, in order.
std::vector<int> other_axes(const std::vector<int>& axes, int ndim) {
  std::vector<int> others;
  for (int i = 0; i < ndim; ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) others.push_back(i);
  return others;
}

std::vector<int> checked_axes(const array& a, const std::vector<int>& axes) {
  normalize_axes(axes, int(a.ndim()), "[tensordot] ");
  std::vector<int> in_order;
  for (int axis : axes) in_order.push_back(normalize_axis_index(axis, int(a.ndim())));
  return in_order;
}

std::vector<int> joined(std::vector<int> first, const std::vector<int>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

array matmul(const array& a, const array& b, StreamOrDevice s) { return matmul("matmul", a, b, s); }

array addmm(array c, array a, array b, const float& alpha, const float& beta, StreamOrDevice s) {
  array product = matmul("addmm", a, b, s);
  Dtype dtype = result_type(product, c);
  if (broadcast_shapes(product.shape(), c.shape()) != product.shape())
    throw ShapeError(concat_text("[addmm] Shape ", c.shape(),
                                 " can't be broadcast to the product's shape ", product.shape(),
                                 "."));
  auto scaled = [&](const array& x, float factor) {
    array y = astype(x, dtype, s);
    return factor == 1 ? y : multiply(array(factor, dtype), y, s);
  };
  return add(scaled(product, alpha), scaled(c, beta), s);
}

array tensordot(const array& a, const array& b, const int axis, StreamOrDevice s) {
  if (axis < 0 || axis > int(std::min(a.ndim(), b.ndim())))
    throw std::invalid_argument(concat_text("[tensordot] Can't contract ", axis,
                                            " axes of arrays of shapes ", a.shape(), " and ",
                                            b.shape(), "."));
  std::vector<int> axes_a, axes_b;
  for (int i = 0; i < axis; ++i) {
    axes_a.push_back(int(a.ndim()) - axis + i);
    axes_b.push_back(i);
  }
  return tensordot(a, b, axes_a, axes_b, s);
}

array tensordot(const array& a, const array& b, const std::vector<int>& axes_a,
                const std::vector<int>& axes_b, StreamOrDevice s) {
  auto contracted_a = checked_axes(a, axes_a), contracted_b = checked_axes(b, axes_b);
  bool fits = contracted_a.size() == contracted_b.size();
  int inner = 1;
  for (size_t i = 0; fits && i < contracted_a.size(); ++i) {
    fits = a.shape(contracted_a[i]) == b.shape(contracted_b[i]);
    inner *= a.shape(contracted_a[i]);
  }
  if (!fits)
    throw ShapeError(concat_text("[tensordot] Axes ", axes_a, " of shape ", a.shape(),
                                 " don't match axes ", axes_b, " of shape ", b.shape(), "."));
  auto kept_a = other_axes(contracted_a, int(a.ndim()));
  auto kept_b = other_axes(contracted_b, int(b.ndim()));
  Shape shape;
  int rows = 1, columns = 1;
  for (int axis : kept_a) {
    shape.push_back(a.shape(axis));
    rows *= a.shape(axis);
  }
  for (int axis : kept_b) {
    shape.push_back(b.shape(axis));
    columns *= b.shape(axis);
  }
  array left = reshape(transpose(a, joined(kept_a, contracted_a), s), {rows, inner}, s);
  array right = reshape(transpose(b, joined(contracted_b, kept_b), s), {inner, columns}, s);
  return reshape(matmul("tensordot", left, right, s), shape, s);
}

array outer(const array& a, const array& b, StreamOrDevice s) {
  return multiply(reshape(a, {-1, 1}, s), flatten(b, s), s);
}

array inner(const array& a, const array& b, StreamOrDevice s) {
  if (a.ndim() == 0 || b.ndim() == 0) return multiply(a, b, s);
  if (a.shape(-1) != b.shape(-1))
    throw ShapeError(concat_text("[inner] The last dimensions of shapes ", a.shape(), " and ",
                                 b.shape(), " must match."));
  return tensordot(a, b, {-1}, {-1}, s);
}

}  // namespace mlx::core
