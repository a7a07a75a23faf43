#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cpu/elementwise/program.h"

// Contiguous values, programs of one instruction, and errors counted in units of the last place.
namespace elementwise_test {

using namespace mlx::core;
using namespace mlx::core::cpu;
using Wide = long double;

/// Like std::vector, but bool is a bool.
template <typename T>
class Values {
 public:
  explicit Values(size_t size = 0) : size_(size), data_(new T[size]()) {}
  Values(std::initializer_list<T> values) : Values(values.size()) {
    std::copy(values.begin(), values.end(), data_.get());
  }
  template <typename U>
  explicit Values(const std::vector<U>& values) : Values(values.size()) {
    for (size_t i = 0; i < size_; ++i) data_[i] = T(values[i]);
  }
  size_t size() const { return size_; }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  size_t size_;
  std::unique_ptr<T[]> data_;
};

template <typename T>
Dtype::Val dtype_of() {
  return exact_dtype<T>().val();
}

inline ElementwiseProgram single(ElementwiseOp op, Dtype::Val in, Dtype::Val out) {
  ElementwiseProgram program;
  Instruction instruction{op, in, out, {0, 0, 0}};
  for (int i = 0; i < arity(op); ++i) {
    program.inputs.push_back(op == ElementwiseOp::Select && i == 0 ? Dtype::Val::bool_ : in);
    instruction.operands[i] = uint16_t(i);
  }
  program.instructions.push_back(instruction);
  program.outputs.push_back(uint16_t(arity(op)));
  return program;
}

inline void run_contiguous(const ElementwiseProgram& program, size_t size,
                           const std::vector<const void*>& inputs,
                           const std::vector<void*>& outputs) {
  const int64_t stride = 1;
  const int32_t shape = int32_t(size);
  std::vector<ConstOperand> from;
  for (auto* input : inputs) from.push_back({input, {&stride, 1}});
  std::vector<MutableOperand> to;
  for (auto* output : outputs) to.push_back({output, {&stride, 1}});
  run_elementwise(*compile_elementwise(program), {&shape, 1}, from, to);
}

/// One operation on contiguous operands of one dtype.
template <typename R, typename T, typename... Rest>
Values<R> apply(ElementwiseOp op, const Values<T>& first, const Rest&... rest) {
  Values<R> result(first.size());
  run_contiguous(single(op, dtype_of<T>(), dtype_of<R>()), first.size(),
                 {first.data(), rest.data()...}, {result.data()});
  return result;
}

inline std::string name(ElementwiseOp op) { return elementwise_op_name(op); }
template <typename T>
std::string name() {
  return dtype_to_string(exact_dtype<T>());
}

/// What a floating dtype can hold.
template <typename T>
struct Precision {
  static constexpr int digits = std::numeric_limits<T>::digits;
  /// The exponent of the smallest subnormal number, and one past that of the largest number.
  static constexpr int lowest = std::is_same_v<T, double>  ? -1074
                                : std::is_same_v<T, float> ? -149
                                : digits == 8              ? -133
                                                           : -24;
  static constexpr int end = std::is_same_v<T, double> ? 1024 : digits == 11 ? 16 : 128;
};

/// The distance between the numbers of T around a value.
template <typename T>
Wide spacing(Wide value) {
  int exponent;
  std::frexp(value, &exponent);
  return std::ldexp(Wide(1), std::max(exponent - Precision<T>::digits, Precision<T>::lowest));
}

/// To nearest, ties to even.
template <typename T>
Wide rounded(Wide value) {
  if (value == 0 || !std::isfinite(value)) return value;
  Wide step = spacing<T>(value), nearest = std::rint(value / step) * step;
  bool overflows = std::fabs(nearest) >= std::ldexp(Wide(1), Precision<T>::end);
  return overflows ? std::copysign(Wide(INFINITY), value) : nearest;
}

template <typename T>
Wide widen(T value) {
  if constexpr (is_half_v<T>)
    return Wide(float(value));
  else
    return Wide(value);
}

/// How many units in the last place a result is off; infinite when it isn't even of the right kind.
template <typename T>
double ulps_off(T result, Wide expected) {
  Wide got = widen(result);
  if (std::isnan(expected) || std::isnan(got))
    return std::isnan(expected) && std::isnan(got) ? 0 : INFINITY;
  if (expected == 0 || got == 0)
    if (expected == got) return std::signbit(expected) == std::signbit(got) ? 0 : INFINITY;
  if (std::isinf(expected)) return got == expected ? 0 : INFINITY;
  Wide step = spacing<T>(std::ldexp(Wide(1), Precision<T>::end - 1));
  Wide largest = std::ldexp(Wide(1), Precision<T>::end) - step;
  // Infinity counts as the number that would follow the largest.
  if (std::isinf(got))
    return (got > 0) != (expected > 0)
               ? INFINITY
               : std::max(0.0, double((largest + step / 2 - std::fabs(expected)) / step));
  if (std::fabs(expected) < largest) step = spacing<T>(expected);
  return double(std::fabs(got - expected) / step);
}

/// The same bits, except that one NaN is as good as another.
template <typename T>
bool same(T a, T b) {
  if constexpr (is_complex_v<T>) {
    return same(a.real(), b.real()) && same(a.imag(), b.imag());
  } else {
    if constexpr (is_floating_v<T>)
      if (std::isnan(widen(a)) && std::isnan(widen(b))) return true;
    return std::memcmp(&a, &b, sizeof(T)) == 0;
  }
}

/// Numbers of a floating dtype: all kinds of magnitude, everyday sizes, and the special ones.
template <typename T>
std::vector<T> floating_samples(size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<T> samples;
  for (double special : {0.0, 1.0, 0.5, 2.0, 3.0, 1e-3, 100.0, 1e-45, 1e-40, 1.1754943508222875e-38,
                         3.4028234663852886e38, 5e-324, 1.7976931348623157e308, 65504.0, 65520.0,
                         6e-8, double(INFINITY), double(NAN)})
    for (double sign : {1.0, -1.0}) samples.push_back(T(sign * special));
  std::uniform_real_distribution<double> unit(-1, 1);
  while (samples.size() < count) {
    uint64_t bits = random();
    T any;
    std::memcpy(&any, &bits, sizeof(T));
    // Signalling NaN are left out: the C library's functions differ over them.
    samples.push_back(std::isnan(float(any)) ? T(NAN) : any);
    for (double scale : {1.0, 8.0, 100.0, 1e4}) samples.push_back(T(scale * unit(random)));
    samples.push_back(T(1 + 0.01 * unit(random)));
  }
  return samples;
}

}  // namespace elementwise_test
