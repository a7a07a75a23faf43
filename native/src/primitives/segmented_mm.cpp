#include "mlx/ops.h"
#include "ops/segmented_mm_adjoint.h"
#include "primitives/mapped_axis.h"
#include "primitives/selective_matmul.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

// Both operations are linear in each of their matrices, and each is the other's adjoint: with
// S(a, b)[s] = a[:, s] b[s, :] and T(c, b)[:, s] += c[s] b[s, :]^T, the gradients of S are T(g, b)
// for a and T(g^T, a^T)^T for b, those of T are S(g, b) for c and T(c^T, g^T)^T for b.

array turned(const array& a, const Stream& s) { return swapaxes(a, -1, -2, s); }

/// Segments of the k axes of `size` slices laid one after another. Bounds out of range must not
/// reach another slice's part.
array segments_of_slices(const array& segments, int size, int k, const Stream& s) {
  array bounds = astype(segments, int64, s), length(int64_t{k});
  bounds = where(less(bounds, array(int64_t(0)), s), add(bounds, length, s), bounds, s);
  array start = multiply(reshape(arange(0, size, 1, s), {size, 1, 1}, s), length, s);
  array is_inside =
      logical_and(greater_equal(bounds, array(int64_t(0)), s), less_equal(bounds, length, s), s);
  return where(is_inside, add(bounds, start, s), array(int64_t(size) * k + 1), s);
}

}  // namespace

// ---- SegmentedMM

std::vector<array> SegmentedMM::jvp(const std::vector<array>& primals,
                                    const std::vector<array>& tangents,
                                    const std::vector<int>& argnums) {
  array total = zeros(output_shapes(primals)[0], primals[0].dtype(), stream());
  bool is_first = true;
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (argnums[i] > 1) refuse_derivative("segmented_mm", "segments");
    array part = segmented_mm(argnums[i] == 0 ? tangents[i] : primals[0],
                              argnums[i] == 1 ? tangents[i] : primals[1], primals[2], stream());
    total = is_first ? part : add(total, part, stream());
    is_first = false;
  }
  return {total};
}

std::vector<array> SegmentedMM::vjp(const std::vector<array>& primals,
                                    const std::vector<array>& cotangents,
                                    const std::vector<int>& argnums, const std::vector<array>&) {
  const Stream& s = stream();
  std::vector<array> results;
  for (int argnum : argnums) {
    if (argnum == 0)
      results.push_back(
          segmented_mm_adjoint(cotangents[0], conjugate(primals[1], s), primals[2], s));
    else if (argnum == 1)
      results.push_back(
          turned(segmented_mm_adjoint(turned(cotangents[0], s), conjugate(turned(primals[0], s), s),
                                      primals[2], s),
                 s));
    else
      refuse_derivative("segmented_mm", "segments");
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> SegmentedMM::vmap(const std::vector<array>& inputs,
                                                                  const std::vector<int>& axes) {
  const Stream& s = stream();
  if (axes[0] < 0 && axes[1] < 0) {
    array segments = mapped_axis_first(inputs[2], axes[2], s);
    return {{segmented_mm(inputs[0], inputs[1], segments, s)}, {0}};
  }
  // The slices' common axes, one after another, are one axis with segments for every slice.
  int size = mapped_axis_size(inputs, axes);
  array a = with_mapped_axis_first(inputs[0], axes[0], size, s);
  array b = with_mapped_axis_first(inputs[1], axes[1], size, s);
  array segments = with_mapped_axis_first(inputs[2], axes[2], size, s);
  int k = a.shape(2);
  array left = flatten(swapaxes(a, 0, 1, s), 1, 2, s);
  array right = flatten(b, 0, 1, s);
  return {{segmented_mm(left, right, segments_of_slices(segments, size, k, s), s)}, {0}};
}

std::vector<Shape> SegmentedMM::output_shapes(const std::vector<array>& inputs) {
  return {{inputs[2].shape(0), inputs[0].shape(0), inputs[1].shape(1)}};
}

// ---- SegmentedMMAdjoint

std::vector<array> SegmentedMMAdjoint::jvp(const std::vector<array>& primals,
                                           const std::vector<array>& tangents,
                                           const std::vector<int>& argnums) {
  array total = zeros(output_shapes(primals)[0], primals[0].dtype(), stream());
  bool is_first = true;
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (argnums[i] > 1) refuse_derivative("segmented_mm", "segments");
    array part =
        segmented_mm_adjoint(argnums[i] == 0 ? tangents[i] : primals[0],
                             argnums[i] == 1 ? tangents[i] : primals[1], primals[2], stream());
    total = is_first ? part : add(total, part, stream());
    is_first = false;
  }
  return {total};
}

std::vector<array> SegmentedMMAdjoint::vjp(const std::vector<array>& primals,
                                           const std::vector<array>& cotangents,
                                           const std::vector<int>& argnums,
                                           const std::vector<array>&) {
  const Stream& s = stream();
  std::vector<array> results;
  for (int argnum : argnums) {
    if (argnum == 0)
      results.push_back(segmented_mm(cotangents[0], conjugate(primals[1], s), primals[2], s));
    else if (argnum == 1)
      results.push_back(turned(segmented_mm_adjoint(conjugate(turned(primals[0], s), s),
                                                    turned(cotangents[0], s), primals[2], s),
                               s));
    else
      refuse_derivative("segmented_mm", "segments");
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> SegmentedMMAdjoint::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  const Stream& s = stream();
  int size = mapped_axis_size(inputs, axes);
  array c = with_mapped_axis_first(inputs[0], axes[0], size, s);
  array b = with_mapped_axis_first(inputs[1], axes[1], size, s);
  array segments = with_mapped_axis_first(inputs[2], axes[2], size, s);
  int k = b.shape(1);
  array bounds = flatten(segments_of_slices(segments, size, k, s), 0, 1, s);
  array joined = segmented_mm_adjoint(flatten(c, 0, 1, s), flatten(b, 0, 1, s), bounds, s);
  return {{unflatten(joined, 1, {size, k}, s)}, {1}};
}

std::vector<Shape> SegmentedMMAdjoint::output_shapes(const std::vector<array>& inputs) {
  return {{inputs[0].shape(1), inputs[1].shape(0)}};
}

}  // namespace mlx::core
