#include "primitives/scan.h"

#include <limits>

#include "mlx/ops.h"

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

array minus_infinity(Dtype dtype) { return array(-std::numeric_limits<float>::infinity(), dtype); }

/// A sum taken in logarithms. Negative numbers have none and make a part of their own; a complex
/// logarithm holds the sign.
template <typename Part>
array by_logarithms(Dtype dtype, Part&& part, Stream s) {
  return dtype == complex64 ? part(true) : subtract(part(true), part(false), s);
}

/// The logarithm of the values with a sign, minus infinity elsewhere.
array log_of_sign(const array& a, bool positive, Stream s) {
  array magnitude = positive ? a : negative(a, s);
  array zero = zeros_like(a, s);
  if (a.dtype() == complex64)
    return where(equal(a, zero, s), minus_infinity(complex64), log(a, s), s);
  return where(greater(magnitude, zero, s), log(magnitude, s), minus_infinity(a.dtype()), s);
}

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
  int n = a.shape(axis_);
  if (n == 0) return a;
  bool to_higher = reverse_ == back;
  Shape start(a.ndim(), 0), stop = a.shape();
  if (to_higher)
    stop[axis_] = n - 1;
  else
    start[axis_] = 1;
  return pad(slice(a, start, stop, stream()), {axis_}, Shape{to_higher}, Shape{!to_higher},
             array(0, a.dtype()), "constant", stream());
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
      array out = scan(x, LogAddExp, reverse_, inclusive_);
      out = where(isneginf(real(out, s), s), zeros_like(out, s), out, s);
      auto part = [&](bool positive) {
        array logs = add(log_of_sign(t, positive, s), x, s);
        return exp(subtract(scan(logs, LogAddExp, reverse_, inclusive_), out, s), s);
      };
      return {by_logarithms(x.dtype(), part, s)};
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
      array out = where(isneginf(real(outputs[0], s), s), zeros_like(x, s), outputs[0], s);
      out = conjugate(out, s);
      auto part = [&](bool positive) {
        array logs = subtract(log_of_sign(c, positive, s), out, s);
        array sums = scan(logs, LogAddExp, !reverse_, inclusive_);
        return exp(add(sums, conjugate(x, s), s), s);
      };
      return {by_logarithms(x.dtype(), part, s)};
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
