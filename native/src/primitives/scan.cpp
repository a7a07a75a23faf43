#include "primitives/scan.h"

#include <limits>

#include "mlx/ops.h"
#include "primitives/linear_recurrence.h"

namespace mlx::core {
namespace {

/// Where a product's first factor of zero is, and the factors with a one instead.
struct FirstZero {
  array is_first, without, never_zero;

  FirstZero(const array& a, int axis, bool reverse, Stream s)
      : is_first(make_is_first(a, axis, reverse, s)),
        without(where(is_first, ones_like(a, s), a, s)),
        never_zero(where(equal(a, zeros_like(a, s), s), ones_like(a, s), a, s)) {}

 private:
  static array make_is_first(const array& a, int axis, bool reverse, Stream s) {
    array is_zero = equal(a, zeros_like(a, s), s);
    array count = cumsum(is_zero, axis, reverse, true, s);
    return logical_and(is_zero, equal(count, array(1, count.dtype()), s), s);
  }
};

/// exp(x) and its running sums, relative to the running maximum: nothing overflows, and beside a
/// large maximum nothing is lost, as it is in the logarithm of the sums.
struct RelativeExponentials {
  /// exp(x - m); exp(m before - m); the running sums, 1 where there is nothing yet.
  array terms, decay, sums;

  RelativeExponentials(const array& x, int axis, bool reverse, Stream s)
      : RelativeExponentials(x, largest_so_far(real(x, s), axis, reverse, s), axis, reverse, s) {}

  array sum_forward(const array& values, int axis, bool reverse, Stream s) const {
    return linear_recurrence(decay, values, axis, reverse, s);
  }
  array sum_back(const array& values, int axis, bool reverse, Stream s) const {
    array next = shift_by_one(decay, axis, reverse, array(0, decay.dtype()), s);
    return linear_recurrence(next, values, axis, !reverse, s);
  }

 private:
  RelativeExponentials(const array& x, const array& m, int axis, bool reverse, Stream s)
      : terms(exp(subtract(x, m, s), s)),
        decay(astype(exp(subtract(shift_by_one(m, axis, !reverse, least(m), s), m, s), s),
                     x.dtype(), s)),
        sums(sum_forward(terms, axis, reverse, s)) {
    sums = where(equal(sums, zeros_like(sums, s), s), ones_like(sums, s), sums, s);
  }

  static array least(const array& m) {
    double value = m.dtype() == float64 ? std::numeric_limits<double>::lowest()
                                        : double(std::numeric_limits<float>::lowest());
    return array(value, m.dtype());
  }

  /// The running maximum within the finite numbers. The derivatives don't depend on it.
  static array largest_so_far(const array& a, int axis, bool reverse, Stream s) {
    array m = cummax(stop_gradient(a, s), axis, reverse, true, s);
    return clip(m, least(m), negative(least(m), s), s);
  }
};

}  // namespace

const char* Scan::name() const {
  switch (reduce_type_) {
    case Max:
      return "CumMax";
    case Min:
      return "CumMin";
    case Sum:
      return "CumSum";
    case Prod:
      return "CumProd";
    default:
      return "CumLogaddexp";
  }
}

array Scan::scan(const array& a, ReduceType type, bool reverse, bool inclusive) const {
  return array(a.shape(), a.dtype(),
               std::make_shared<Scan>(stream(), type, axis_, reverse, inclusive), {a});
}

/// One place along the axis in the direction of the scan, or back, with zeros coming in.
array Scan::shift(const array& a, bool back) const {
  return shift_by_one(a, axis_, reverse_ == back, array(0, a.dtype()), stream());
}

/// For each place the last one so far whose element is the running extreme.
array Scan::extreme_indices(const array& a, const array& inclusive_output) const {
  int n = a.shape(axis_);
  Shape shape(a.ndim(), 1);
  shape[axis_] = n;
  array places = reshape(arange(0, n, 1, int32, stream()), shape, stream());
  array nowhere = array(reverse_ ? n - 1 : 0, int32);
  array records = where(equal(a, inclusive_output, stream()), places, nowhere, stream());
  return scan(records, reverse_ ? Min : Max, reverse_, true);
}

std::vector<array> Scan::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                             const std::vector<int>&) {
  const array& x = primals[0];
  const array& t = tangents[0];
  Stream s = stream();
  switch (reduce_type_) {
    case Sum:
      return {sum_forward(t)};
    case Prod: {
      FirstZero zero(x, axis_, reverse_, s);
      array whole = scan(x, Prod, reverse_, inclusive_);
      array without = scan(zero.without, Prod, reverse_, inclusive_);
      array before = multiply(whole, sum_forward(divide(t, zero.never_zero, s)), s);
      array at_zero = sum_forward(where(zero.is_first, t, zeros_like(t, s), s));
      return {add(before, multiply(without, at_zero, s), s)};
    }
    case Max:
    case Min: {
      array indices = extreme_indices(x, scan(x, reduce_type_, reverse_, true));
      array taken = take_along_axis(t, indices, axis_, s);
      return {inclusive_ ? taken : shift(taken, false)};
    }
    default: {
      Dtype wide = promote_types(x.dtype(), float32);
      RelativeExponentials parts(astype(x, wide, s), axis_, reverse_, s);
      array weighted = multiply(parts.terms, astype(t, wide, s), s);
      array result = divide(parts.sum_forward(weighted, axis_, reverse_, s), parts.sums, s);
      return {astype(inclusive_ ? result : shift(result, false), x.dtype(), s)};
    }
  }
}

std::vector<array> Scan::vjp(const std::vector<array>& primals,
                             const std::vector<array>& cotangents, const std::vector<int>&,
                             const std::vector<array>& outputs) {
  const array& x = primals[0];
  const array& c = cotangents[0];
  Stream s = stream();
  switch (reduce_type_) {
    case Sum:
      return {sum_back(c)};
    case Prod: {
      // Products that hold the first zero are zero, so only its own derivative needs them without.
      FirstZero zero(x, axis_, reverse_, s);
      array factors = conjugate(zero.never_zero, s);
      array others = divide(sum_back(multiply(c, conjugate(outputs[0], s), s)), factors, s);
      array without = scan(zero.without, Prod, reverse_, inclusive_);
      array own = sum_back(multiply(c, conjugate(without, s), s));
      return {where(zero.is_first, own, others, s)};
    }
    case Max:
    case Min: {
      array inclusive = inclusive_ ? outputs[0] : scan(x, reduce_type_, reverse_, true);
      array indices = extreme_indices(x, inclusive);
      array values = inclusive_ ? c : shift(c, true);
      return {scatter_add_axis(zeros_like(x, s), indices, values, axis_, s)};
    }
    default: {
      Dtype wide = promote_types(x.dtype(), float32);
      RelativeExponentials parts(astype(x, wide, s), axis_, reverse_, s);
      array weights = astype(inclusive_ ? c : shift(c, true), wide, s);
      array shares = divide(weights, conjugate(parts.sums, s), s);
      array result =
          multiply(parts.sum_back(shares, axis_, reverse_, s), conjugate(parts.terms, s), s);
      return {astype(result, x.dtype(), s)};
    }
  }
}

std::pair<std::vector<array>, std::vector<int>> Scan::vmap(const std::vector<array>& inputs,
                                                           const std::vector<int>& axes) {
  auto primitive = std::make_shared<Scan>(stream(), reduce_type_, axis_ + (axis_ >= axes[0]),
                                          reverse_, inclusive_);
  return {{array(inputs[0].shape(), inputs[0].dtype(), std::move(primitive), {inputs[0]})}, axes};
}

}  // namespace mlx::core
