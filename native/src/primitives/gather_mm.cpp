#include "mlx/ops.h"
#include "primitives/mapped_axis.h"
#include "primitives/selective_matmul.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

array adjoint(const array& a, const Stream& s) { return conjugate(swapaxes(a, -1, -2, s), s); }

/// The products' own numbers.
array each_product(const array& indices, const Stream& s) {
  return arange(0, indices.shape(0), 1, s);
}

/// Indices counted from the start; those out of range stay so.
array from_start(const array& indices, int count, const Stream& s) {
  array wide = astype(indices, int64, s);
  return where(less(wide, array(int64_t(0)), s), add(wide, array(int64_t(count)), s), wide, s);
}

/// The gradient for the left matrices: each product's own, added up by the matrices' numbers.
array left_gradient(const std::vector<array>& primals, const array& cotangent, bool sorted,
                    const Stream& s) {
  array each = gather_mm(cotangent, adjoint(primals[1], s), each_product(primals[3], s), primals[3],
                         sorted, s);
  return scatter_add(zeros_like(primals[0], s), primals[2], expand_dims(each, 1, s), 0, s);
}

/// The gradient for the right matrices. With the products sorted by their right matrix, those of
/// one matrix are a segment of rows, and no product needs a gradient matrix of its own.
array right_gradient(const std::vector<array>& primals, const array& cotangent, bool sorted,
                     const Stream& s) {
  int count = primals[1].shape(0), rows = primals[0].shape(1);
  array right = from_start(primals[3], count, s);
  array factors = conjugate(take(primals[0], primals[2], 0, s), s), results = cotangent;
  if (!sorted) {
    array order = argsort(right, 0, s);
    factors = take(factors, order, 0, s);
    results = take(results, order, 0, s);
  }
  // Where a matrix's products begin is the number of those before.
  array numbers = expand_dims(arange(0, count, 1, s), 1, s);
  auto rows_where = [&](const array& condition) {
    return multiply(sum(astype(condition, int32, s), 1, false, s), array(rows), s);
  };
  array segments =
      stack({rows_where(less(right, numbers, s)), rows_where(less_equal(right, numbers, s))}, 1, s);
  array left = transpose(flatten(factors, 0, 1, s), s);
  return segmented_mm(left, flatten(results, 0, 1, s), segments, s);
}

}  // namespace

std::vector<array> GatherMM::jvp(const std::vector<array>& primals,
                                 const std::vector<array>& tangents,
                                 const std::vector<int>& argnums) {
  array total = zeros(output_shapes(primals)[0], primals[0].dtype(), stream());
  bool is_first = true;
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (argnums[i] > 1) refuse_derivative("gather_mm", "indices");
    array part = gather_mm(argnums[i] == 0 ? tangents[i] : primals[0],
                           argnums[i] == 1 ? tangents[i] : primals[1], primals[2], primals[3],
                           right_ascends_, stream());
    total = is_first ? part : add(total, part, stream());
    is_first = false;
  }
  return {total};
}

std::vector<array> GatherMM::vjp(const std::vector<array>& primals,
                                 const std::vector<array>& cotangents,
                                 const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> results;
  for (int argnum : argnums) {
    if (argnum == 0)
      results.push_back(left_gradient(primals, cotangents[0], right_ascends_, stream()));
    else if (argnum == 1)
      results.push_back(right_gradient(primals, cotangents[0], right_ascends_, stream()));
    else
      refuse_derivative("gather_mm", "indices");
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> GatherMM::vmap(const std::vector<array>& inputs,
                                                               const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  std::vector<array> parts;
  for (size_t side = 0; side < 2; ++side) {
    if (axes[side] < 0) {
      parts.push_back(inputs[side]);
      continue;
    }
    parts.push_back(flatten(mapped_axis_first(inputs[side], axes[side], stream()), 0, 1, stream()));
  }
  for (size_t side = 0; side < 2; ++side) {
    array indices = with_mapped_axis_first(inputs[side + 2], axes[side + 2], size, stream());
    if (axes[side] >= 0) {
      // Each slice of the mapped axis has its own run of the matrices. What is out of range must
      // not reach another slice's.
      int count = parts[side].shape(0) / std::max(size, 1);
      array local = from_start(indices, count, stream());
      array start = multiply(expand_dims(arange(0, size, 1, stream()), 1, stream()),
                             array(int64_t(count)), stream());
      array is_inside = logical_and(greater_equal(local, array(int64_t(0)), stream()),
                                    less(local, array(int64_t(count)), stream()), stream());
      indices = where(is_inside, add(local, start, stream()), array(int64_t(parts[side].shape(0))),
                      stream());
    }
    parts.push_back(indices);
  }
  bool ascends = right_ascends_ && axes[3] < 0 && axes[1] < 0 && size <= 1;
  return {{gather_mm(parts[0], parts[1], parts[2], parts[3], ascends, stream())}, {0}};
}

std::vector<Shape> GatherMM::output_shapes(const std::vector<array>& inputs) {
  return {{inputs[2].shape(0), inputs[0].shape(1), inputs[1].shape(2)}};
}

}  // namespace mlx::core
