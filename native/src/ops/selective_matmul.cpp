#include <algorithm>
#include <limits>
#include <numeric>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/segmented_mm_adjoint.h"
#include "primitives/selective_matmul.h"

namespace mlx::core {
namespace {

/// Two operands of a product in one dtype; vectors are a row on the left, a column on the right.
struct Matrices {
  array a, b;
  std::vector<int> vector_axes;

  Matrices(const char* name, const array& left, const array& right, StreamOrDevice s)
      : a(astype(left, result_type(left, right), s)),
        b(astype(right, result_type(left, right), s)) {
    if (a.ndim() == 0 || b.ndim() == 0) misfit(name, "have at least one dimension");
    if (a.ndim() == 1) {
      a = expand_dims(a, 0, s);
      vector_axes.push_back(-2);
    }
    if (b.ndim() == 1) {
      b = expand_dims(b, 1, s);
      vector_axes.push_back(-1);
    }
    if (a.shape(-1) != b.shape(-2)) misfit(name, "agree in their common axis");
  }

  [[noreturn]] void misfit(const char* name, const char* what) const {
    throw ShapeError(concat_text("[", name, "] The matrices must ", what, "; their shapes are ",
                                 a.shape(), " and ", b.shape(), "."));
  }

  array without_vector_axes(const array& product, StreamOrDevice s) const {
    return vector_axes.empty() ? product : squeeze(product, vector_axes, s);
  }
};

void check_integers(const char* name, const char* what, const array& a) {
  if (!issubdtype(a.dtype(), integer))
    throw DtypeError(concat_text("[", name, "] Expected ", what,
                                 " of an integer dtype but received ", a.dtype(),
                                 "; convert them with astype."));
}

Shape batch_of(const array& a) { return Shape(a.shape().begin(), a.shape().end() - 2); }

/// All matrices along one axis.
array stacked_matrices(const array& a, StreamOrDevice s) {
  return a.ndim() == 2 ? expand_dims(a, 0, s) : flatten(a, 0, -3, s);
}

/// The numbers of all matrices, in the shape of the batch.
array all_matrices(const array& a, StreamOrDevice s) {
  Shape batch = batch_of(a);
  int64_t count = 1;
  for (int size : batch) count *= size;
  if (count > std::numeric_limits<int>::max())
    throw ShapeError(concat_text("[gather_mm] Shape ", a.shape(), " has too many matrices."));
  return reshape(arange(0, int(count), 1, s), batch, s);
}

Shape with_matrix_axes(Shape batch, int rows, int columns) {
  batch.push_back(rows);
  batch.push_back(columns);
  return batch;
}

// ---- Masks of blocks

int ceil_divide(int a, int b) { return int((int64_t(a) + b - 1) / b); }

/// The mask's value for every element of a matrix.
array for_elements(const array& mask, int block, int rows, int columns, StreamOrDevice s) {
  array all = repeat(repeat(mask, block, -1, s), block, -2, s);
  Shape start(all.ndim(), 0), stop = all.shape();
  stop[stop.size() - 2] = rows;
  stop[stop.size() - 1] = columns;
  return slice(all, start, stop, s);
}

struct BlockMask {
  const char* name;
  const std::optional<array>& mask;
  int rows, columns, block;

  void check() const {
    if (!mask) return;
    Shape expected = {ceil_divide(rows, block), ceil_divide(columns, block)};
    if (mask->ndim() < 2 || mask->shape(-2) != expected[0] || mask->shape(-1) != expected[1])
      throw ShapeError(concat_text("[block_masked_mm] Expected ", name, " to end with shape ",
                                   expected, " for a matrix of ", rows, " x ", columns,
                                   " in blocks of ", block, " but received ", mask->shape(), "."));
  }
  bool is_number() const { return mask && mask->dtype() != bool_; }
  Shape batch() const { return mask ? batch_of(*mask) : Shape{}; }

  /// The mask of bool over the whole batch; numbers leave nothing out.
  array live(const Shape& batch_shape, StreamOrDevice s) const {
    array value = mask && !is_number() ? *mask : array(true);
    return broadcast_to(
        value, with_matrix_axes(batch_shape, ceil_divide(rows, block), ceil_divide(columns, block)),
        s);
  }
  /// The matrix times a mask of numbers.
  array scaled(const array& matrix, StreamOrDevice s) const {
    if (!is_number()) return matrix;
    array factors = for_elements(astype(*mask, matrix.dtype(), s), block, rows, columns, s);
    return multiply(matrix, factors, s);
  }
};

}  // namespace

array gather_mm(array a, array b, std::optional<array> lhs_indices,
                std::optional<array> rhs_indices, bool sorted_indices, StreamOrDevice s) {
  if (!lhs_indices && !rhs_indices) return matmul(a, b, s);
  Stream stream = to_stream(s);
  Matrices matrices("gather_mm", a, b, stream);
  array left = lhs_indices ? *lhs_indices : all_matrices(matrices.a, stream);
  array right = rhs_indices ? *rhs_indices : all_matrices(matrices.b, stream);
  check_integers("gather_mm", "indices", left);
  check_integers("gather_mm", "indices", right);
  Shape batch = broadcast_shapes(left.shape(), right.shape());
  // Order is lost where the right indices are repeated along an outer axis.
  bool ascends = sorted_indices && right.size() == broadcast_to(right, batch, stream).size();
  auto flat = [&](const array& indices) {
    return flatten(broadcast_to(indices, batch, stream), stream);
  };
  array numbers = flat(left);
  Shape shape = {numbers.shape(0), matrices.a.shape(-2), matrices.b.shape(-1)};
  array products(shape, matrices.a.dtype(), std::make_shared<GatherMM>(stream, ascends),
                 {stacked_matrices(matrices.a, stream), stacked_matrices(matrices.b, stream),
                  numbers, flat(right)});
  array result = reshape(products, with_matrix_axes(batch, shape[1], shape[2]), stream);
  return matrices.without_vector_axes(result, stream);
}

array segmented_mm(array a, array b, array segments, StreamOrDevice s) {
  Stream stream = to_stream(s);
  if (a.ndim() != 2 || b.ndim() != 2)
    throw ShapeError(concat_text("[segmented_mm] Expected two matrices but received shapes ",
                                 a.shape(), " and ", b.shape(), "."));
  Matrices matrices("segmented_mm", a, b, stream);
  check_integers("segmented_mm", "segments", segments);
  if (segments.ndim() == 0 || segments.shape(-1) != 2)
    throw ShapeError(concat_text("[segmented_mm] Expected segments of shape (..., 2) but received ",
                                 segments.shape(), "."));
  Shape batch(segments.shape().begin(), segments.shape().end() - 1);
  int rows = matrices.a.shape(0), columns = matrices.b.shape(1);
  array bounds = reshape(segments, {int(segments.size() / 2), 2}, stream);
  array products({bounds.shape(0), rows, columns}, matrices.a.dtype(),
                 std::make_shared<SegmentedMM>(stream), {matrices.a, matrices.b, bounds});
  return reshape(products, with_matrix_axes(batch, rows, columns), stream);
}

array segmented_mm_adjoint(const array& c, const array& b, const array& segments,
                           StreamOrDevice s) {
  return array({c.shape(1), b.shape(0)}, c.dtype(),
               std::make_shared<SegmentedMMAdjoint>(to_stream(s)), {c, b, segments});
}

array block_masked_mm(array a, array b, int block_size, std::optional<array> mask_out,
                      std::optional<array> mask_lhs, std::optional<array> mask_rhs,
                      StreamOrDevice s) {
  if (block_size != 32 && block_size != 64)
    throw std::invalid_argument(concat_text(
        "[block_masked_mm] Expected blocks of 32 or 64 but received ", block_size, "."));
  Stream stream = to_stream(s);
  Matrices matrices("block_masked_mm", a, b, stream);
  int m = matrices.a.shape(-2), k = matrices.a.shape(-1), n = matrices.b.shape(-1);
  BlockMask out{"mask_out", mask_out, m, n, block_size};
  BlockMask lhs{"mask_lhs", mask_lhs, m, k, block_size};
  BlockMask rhs{"mask_rhs", mask_rhs, k, n, block_size};
  Shape batch = broadcast_shapes(batch_of(matrices.a), batch_of(matrices.b));
  for (const BlockMask* mask : {&out, &lhs, &rhs}) {
    mask->check();
    batch = broadcast_shapes(batch, mask->batch());
  }
  auto in_batch = [&](const array& matrix) {
    return broadcast_to(matrix, with_matrix_axes(batch, matrix.shape(-2), matrix.shape(-1)),
                        stream);
  };
  array product(with_matrix_axes(batch, m, n), matrices.a.dtype(),
                std::make_shared<BlockMaskedMM>(stream, block_size),
                {in_batch(lhs.scaled(matrices.a, stream)), in_batch(rhs.scaled(matrices.b, stream)),
                 out.live(batch, stream), lhs.live(batch, stream), rhs.live(batch, stream)});
  return matrices.without_vector_axes(out.scaled(product, stream), stream);
}

}  // namespace mlx::core
