#include "mlx/ops/matmul.h"

#include <algorithm>
#include <limits>

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

/// Both operands in one dtype and with at least two dimensions.
struct Factors {
  array a, b;
  /// Operands that were vectors have no axis in the product.
  bool is_row, is_column;

  Factors(const char* name, const array& left, const array& right, Dtype dtype, StreamOrDevice s)
      : a(astype(left, dtype, s)),
        b(astype(right, dtype, s)),
        is_row(left.ndim() == 1),
        is_column(right.ndim() == 1) {
    check_operands(name, left, right);
    if (is_row) a = expand_dims(a, 0, s);
    if (is_column) b = expand_dims(b, 1, s);
  }

  /// Rows of several matrices that meet the same matrix make one large product.
  bool folds() const { return a.ndim() > 2 && b.ndim() == 2; }

  Shape product_shape() const {
    Shape shape = broadcast_shapes(batch_of(a), batch_of(b));
    shape.push_back(a.shape(-2));
    shape.push_back(b.shape(-1));
    return shape;
  }

  /// A product with such a shape, without the axes that vectors don't have.
  array finish(array product, StreamOrDevice s) const {
    std::vector<int> gone;
    if (is_row) gone.push_back(-2);
    if (is_column) gone.push_back(-1);
    return gone.empty() ? product : squeeze(product, gone, s);
  }
};

array multiply_matrices(const Factors& factors, StreamOrDevice s) {
  const array &a = factors.a, &b = factors.b;
  auto node = [&](const array& left, const array& right, Shape shape) {
    return array(std::move(shape), left.dtype(), std::make_shared<Matmul>(to_stream(s)),
                 {left, right});
  };
  Shape shape = factors.product_shape();
  if (factors.folds()) {
    array rows = flatten(a, 0, -2, s);
    return reshape(node(rows, b, {rows.shape(0), b.shape(1)}), shape, s);
  }
  Shape batch(shape.begin(), shape.end() - 2);
  return node(with_batch(a, batch, s), with_batch(b, batch, s), shape);
}

array product(const char* name, const array& a, const array& b, StreamOrDevice s) {
  Factors factors(name, a, b, result_type(a, b), s);
  return factors.finish(multiply_matrices(factors, s), s);
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

/// The size of the axes as one.
int joined_size(const array& a, const std::vector<int>& axes) {
  int64_t size = 1;
  for (int axis : axes) {
    size *= a.shape(axis);
    if (size > std::numeric_limits<int>::max())
      throw ShapeError(concat_text("[tensordot] The axes ", axes, " of shape ", a.shape(),
                                   " are too large for one dimension."));
  }
  return int(size);
}

std::vector<int> joined(std::vector<int> first, const std::vector<int>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

array matmul(const array& a, const array& b, StreamOrDevice s) {
  return product("matmul", a, b, s);
}

array addmm(array c, array a, array b, const float& alpha, const float& beta, StreamOrDevice s) {
  Dtype dtype = result_type(a, b, c);
  Factors factors("addmm", a, b, dtype, s);
  Shape shape = factors.product_shape(), visible = shape;
  if (factors.is_column) visible.pop_back();
  if (factors.is_row) visible.erase(visible.end() - (factors.is_column ? 1 : 2));
  if (broadcast_shapes(visible, c.shape()) != visible)
    throw ShapeError(concat_text("[addmm] Shape ", c.shape(),
                                 " can't be broadcast to the product's shape ", visible, "."));

  array left = factors.a, addend = astype(c, dtype, s);
  // A bias stays one row; anything else takes the product's shape.
  bool is_bias = addend.ndim() <= 1 && !factors.is_column;
  if (!is_bias) addend = reshape(broadcast_to(addend, visible, s), shape, s);
  if (factors.folds()) {
    left = flatten(left, 0, -2, s);
    if (!is_bias) addend = flatten(addend, 0, -2, s);
    shape = {left.shape(0), shape.back()};
  }
  Shape batch(shape.begin(), shape.end() - 2);
  auto primitive = std::make_shared<AddMM>(to_stream(s), alpha, beta);
  array result(shape, dtype, std::move(primitive),
               {with_batch(left, batch, s), with_batch(factors.b, batch, s),
                broadcast_to(addend, shape, s)});
  if (factors.folds()) result = reshape(result, factors.product_shape(), s);
  return factors.finish(result, s);
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
  for (size_t i = 0; fits && i < contracted_a.size(); ++i)
    fits = a.shape(contracted_a[i]) == b.shape(contracted_b[i]);
  if (!fits)
    throw ShapeError(concat_text("[tensordot] Axes ", axes_a, " of shape ", a.shape(),
                                 " don't match axes ", axes_b, " of shape ", b.shape(), "."));
  auto kept_a = other_axes(contracted_a, int(a.ndim()));
  auto kept_b = other_axes(contracted_b, int(b.ndim()));
  Shape shape;
  for (int axis : kept_a) shape.push_back(a.shape(axis));
  for (int axis : kept_b) shape.push_back(b.shape(axis));
  int inner = joined_size(a, contracted_a);
  array left = transpose(a, joined(kept_a, contracted_a), s);
  array right = transpose(b, joined(contracted_b, kept_b), s);
  left = reshape(left, {joined_size(a, kept_a), inner}, s);
  right = reshape(right, {inner, joined_size(b, kept_b)}, s);
  return reshape(product("tensordot", left, right, s), shape, s);
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
