#include "primitives/linear_recurrence.h"

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {

array linear_recurrence(const array& factors, const array& terms, int axis, bool reverse,
                        const Stream& s) {
  if (factors.shape() != terms.shape())
    throw ShapeError(concat_text("[linear_recurrence] Factors of shape ", factors.shape(),
                                 " and terms of shape ", terms.shape(), " are not alike."));
  if (factors.dtype() != terms.dtype() || !issubdtype(terms.dtype(), inexact))
    throw DtypeError(concat_text("[linear_recurrence] Expected one inexact dtype but received ",
                                 factors.dtype(), " and ", terms.dtype(), "."));
  axis = normalize_axis_index(axis, int(terms.ndim()), "[linear_recurrence] ");
  return array(terms.shape(), terms.dtype(), std::make_shared<LinearRecurrence>(s, axis, reverse),
               {factors, terms});
}

array shift_by_one(const array& a, int axis, bool to_higher, const array& fill, const Stream& s) {
  int n = a.shape(axis);
  if (n == 0) return a;
  Shape start(a.ndim(), 0), stop = a.shape();
  if (to_higher)
    stop[axis] = n - 1;
  else
    start[axis] = 1;
  return pad(slice(a, start, stop, s), {axis}, Shape{to_higher}, Shape{!to_higher}, fill,
             "constant", s);
}

std::vector<array> LinearRecurrence::jvp(const std::vector<array>& primals,
                                         const std::vector<array>& tangents,
                                         const std::vector<int>& argnums) {
  const Stream& s = stream();
  array changes = zeros_like(primals[1], s);
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (argnums[i] == 1) {
      changes = add(changes, tangents[i], s);
      continue;
    }
    array y = linear_recurrence(primals[0], primals[1], axis_, reverse_, s);
    array before = shift_by_one(y, axis_, !reverse_, array(0, y.dtype()), s);
    changes = add(changes, multiply(tangents[i], before, s), s);
  }
  return {linear_recurrence(primals[0], changes, axis_, reverse_, s)};
}

std::vector<array> LinearRecurrence::vjp(const std::vector<array>& primals,
                                         const std::vector<array>& cotangents,
                                         const std::vector<int>& argnums,
                                         const std::vector<array>& outputs) {
  const Stream& s = stream();
  array zero(0, outputs[0].dtype());
  array factors = shift_by_one(conjugate(primals[0], s), axis_, reverse_, zero, s);
  array by_terms = linear_recurrence(factors, cotangents[0], axis_, !reverse_, s);
  std::vector<array> results;
  for (int argnum : argnums) {
    array before = shift_by_one(outputs[0], axis_, !reverse_, zero, s);
    results.push_back(argnum == 1 ? by_terms : multiply(by_terms, conjugate(before, s), s));
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> LinearRecurrence::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  array factors = with_mapped_axis_first(inputs[0], axes[0], size, stream());
  array terms = with_mapped_axis_first(inputs[1], axes[1], size, stream());
  return {{linear_recurrence(factors, terms, axis_ + 1, reverse_, stream())}, {0}};
}

}  // namespace mlx::core
