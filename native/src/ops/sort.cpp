#include "mlx/ops/sort.h"

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/partition.h"
#include "primitives/search_sorted.h"
#include "primitives/sort.h"

namespace mlx::core {
namespace {

int normalize(const char* name, const array& a, int axis) {
  return normalize_axis_index(axis, int(a.ndim()), concat_text("[", name, "] "));
}

/// A position from the start of a normalized axis.
int normalize_kth(const char* name, const array& a, int kth, int axis) {
  int size = a.shape(axis);
  if (kth < -size || kth >= size)
    throw IndexError(concat_text("[", name, "] Position ", kth, " is out of bounds for axis ", axis,
                                 " of shape ", a.shape(), "."));
  return kth < 0 ? kth + size : kth;
}

}  // namespace

array sort(const array& a, int axis, StreamOrDevice s) {
  auto primitive = std::make_shared<Sort>(to_stream(s), normalize("sort", a, axis));
  return array(a.shape(), a.dtype(), std::move(primitive), {a});
}
array sort(const array& a, StreamOrDevice s) { return sort(flatten(a, s), 0, s); }

array argsort(const array& a, int axis, StreamOrDevice s) {
  auto primitive = std::make_shared<ArgSort>(to_stream(s), normalize("argsort", a, axis));
  return array(a.shape(), uint32, std::move(primitive), {a});
}
array argsort(const array& a, StreamOrDevice s) { return argsort(flatten(a, s), 0, s); }

array partition(const array& a, int kth, int axis, StreamOrDevice s) {
  axis = normalize("partition", a, axis);
  kth = normalize_kth("partition", a, kth, axis);
  return array(a.shape(), a.dtype(), std::make_shared<Partition>(to_stream(s), kth, axis), {a});
}
array partition(const array& a, int kth, StreamOrDevice s) {
  return partition(flatten(a, s), kth, 0, s);
}

array argpartition(const array& a, int kth, int axis, StreamOrDevice s) {
  axis = normalize("argpartition", a, axis);
  kth = normalize_kth("argpartition", a, kth, axis);
  return array(a.shape(), uint32, std::make_shared<ArgPartition>(to_stream(s), kth, axis), {a});
}
array argpartition(const array& a, int kth, StreamOrDevice s) {
  return argpartition(flatten(a, s), kth, 0, s);
}

array topk(const array& a, int k, int axis, StreamOrDevice s) {
  axis = normalize("topk", a, axis);
  int size = a.shape(axis);
  if (k < 0 || k > size)
    throw std::invalid_argument(concat_text("[topk] Can't take ", k, " elements along axis ", axis,
                                            " of shape ", a.shape(), "."));
  Shape start(a.ndim(), 0);
  start[axis] = size - k;
  // Of no elements there is no smallest to select.
  array parts = k > 0 ? partition(a, size - k, axis, s) : a;
  return sort(slice(parts, start, a.shape(), s), axis, s);
}
array topk(const array& a, int k, StreamOrDevice s) { return topk(flatten(a, s), k, 0, s); }

array searchsorted(const array& sorted_sequence, const array& values, const std::string& side,
                   StreamOrDevice s) {
  if (sorted_sequence.ndim() != 1)
    throw ShapeError(concat_text("[searchsorted] The sorted sequence must have one axis, but has ",
                                 "shape ", sorted_sequence.shape(), "."));
  if (side != "left" && side != "right")
    throw std::invalid_argument(
        concat_text("[searchsorted] side must be 'left' or 'right', but is '", side, "'."));
  Dtype dtype = result_type(sorted_sequence, values);
  auto primitive = std::make_shared<SearchSorted>(to_stream(s), side == "right");
  return array(values.shape(), uint32, std::move(primitive),
               {astype(sorted_sequence, dtype, s), astype(values, dtype, s)});
}

}  // namespace mlx::core
