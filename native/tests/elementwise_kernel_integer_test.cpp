#include <doctest/doctest.h>

#include <functional>

#include "elementwise_kernel_data.h"

// Integers and bool against arithmetic that is wide enough not to wrap.
namespace elementwise_test {
namespace {

using enum ElementwiseOp;
using Integer = __int128;

template <typename T>
constexpr int bits_of = std::is_same_v<T, bool> ? 1 : int(8 * sizeof(T));

/// Modulo 2^bits, as the hardware does; bool stays true once it is.
template <typename T>
T wrap(Integer value) {
  if constexpr (std::is_same_v<T, bool>)
    return value != 0;
  else
    return T(static_cast<std::make_unsigned_t<T>>(static_cast<unsigned __int128>(value)));
}

/// Two 64-bit factors may need all 128 bits.
Integer multiply(Integer a, Integer b) {
  using Unsigned = unsigned __int128;
  return static_cast<Integer>(static_cast<Unsigned>(a) * static_cast<Unsigned>(b));
}

Integer floor_divide(Integer a, Integer b) {
  if (b == 0) return 0;
  Integer q = a / b;
  return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

template <typename T>
Integer power(T base, T exponent) {
  if constexpr (std::is_signed_v<T>) {
    if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  }
  // Square and multiply modulo 2^64, from the top bit down.
  uint64_t result = 1;
  for (int bit = 63; bit >= 0; --bit) {
    result *= result;
    if (uint64_t(exponent) >> bit & 1) result *= uint64_t(base);
  }
  return Integer(result);
}

template <typename T>
Integer shift(ElementwiseOp op, T a, T b) {
  bool outside = Integer(b) < 0 || Integer(b) >= 8 * Integer(sizeof(T));
  if (op == LeftShift) return outside ? 0 : Integer(a) << int(b);
  return outside ? (Integer(a) < 0 ? -1 : 0) : Integer(a) >> int(b);
}

template <typename T>
using BinaryReference = std::function<Integer(T, T)>;

template <typename T>
std::vector<std::pair<ElementwiseOp, BinaryReference<T>>> binary_operations() {
  return {
      {Add, [](T a, T b) { return Integer(a) + b; }},
      {Subtract, [](T a, T b) { return Integer(a) - b; }},
      {Multiply, [](T a, T b) { return multiply(a, b); }},
      {FloorDivide, [](T a, T b) { return floor_divide(a, b); }},
      {Remainder, [](T a, T b) { return b == 0 ? 0 : Integer(a) - floor_divide(a, b) * b; }},
      {Power, power<T>},
      {Maximum, [](T a, T b) { return Integer(a > b ? a : b); }},
      {Minimum, [](T a, T b) { return Integer(a < b ? a : b); }},
      {BitwiseAnd, [](T a, T b) { return Integer(a) & Integer(b); }},
      {BitwiseOr, [](T a, T b) { return Integer(a) | Integer(b); }},
      {BitwiseXor, [](T a, T b) { return Integer(a) ^ Integer(b); }},
      {LeftShift, [](T a, T b) { return shift(LeftShift, a, b); }},
      {RightShift, [](T a, T b) { return shift(RightShift, a, b); }},
  };
}

template <typename T>
std::vector<std::pair<ElementwiseOp, std::function<bool(T, T)>>> comparisons() {
  return {
      {Equal, [](T a, T b) { return a == b; }},
      {NaNEqual, [](T a, T b) { return a == b; }},
      {NotEqual, [](T a, T b) { return a != b; }},
      {Less, [](T a, T b) { return a < b; }},
      {LessEqual, [](T a, T b) { return a <= b; }},
      {Greater, [](T a, T b) { return a > b; }},
      {GreaterEqual, [](T a, T b) { return a >= b; }},
      {LogicalAnd, [](T a, T b) { return a && b; }},
      {LogicalOr, [](T a, T b) { return a || b; }},
  };
}

template <typename T>
std::vector<std::pair<ElementwiseOp, std::function<Integer(T)>>> unary_operations() {
  auto same = [](T a) { return Integer(a); };
  return {
      {Abs, [](T a) { return a < T(0) ? -Integer(a) : Integer(a); }},
      {BitwiseInvert, [](T a) { return std::is_same_v<T, bool> ? !a : ~Integer(a); }},
      {Ceil, same},
      {Conjugate, same},
      {Floor, same},
      {Real, same},
      {Round, same},
      {Trunc, same},
      {Imag, [](T) { return Integer(0); }},
      {Negative, [](T a) { return -Integer(a); }},
      {Sign, [](T a) { return Integer((a > T(0)) - (a < T(0))); }},
      {Square, [](T a) { return multiply(a, a); }},
  };
}

/// Every pair of 8-bit values, or of the extremes and many others.
template <typename T>
std::pair<Values<T>, Values<T>> pairs() {
  std::vector<T> numbers;
  if constexpr (sizeof(T) == 1) {
    int count = std::is_same_v<T, bool> ? 2 : 256;
    for (int i = 0; i < count; ++i) numbers.push_back(T(i));
  } else {
    for (int i = -4; i < 8; ++i) numbers.push_back(T(i));
    for (int bit = 1; bit < bits_of<T>; ++bit)
      for (int i = -1; i < 2; ++i) numbers.push_back(T((uint64_t(1) << bit) + uint64_t(i)));
    std::mt19937_64 random(1);
    for (int i = 0; i < 40; ++i) numbers.push_back(T(random() >> (random() % 64)));
  }
  Values<T> a(numbers.size() * numbers.size()), b(a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = numbers[i / numbers.size()];
    b[i] = numbers[i % numbers.size()];
  }
  return {std::move(a), std::move(b)};
}

#define INTEGER_DTYPES \
  bool, uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t, int32_t, int64_t

TEST_CASE_TEMPLATE("elementwise kernels: integer arithmetic wraps", T, INTEGER_DTYPES) {
  auto [a, b] = pairs<T>();
  for (auto& [op, reference] : binary_operations<T>()) {
    // On bool a sum is "or" and a difference "different".
    auto c = apply<T>(op, a, b);
    size_t wrong = 0;
    for (size_t i = 0; i < a.size(); ++i) wrong += c[i] != wrap<T>(reference(a[i], b[i]));
    INFO(name(op), " on ", name<T>());
    CHECK(wrong == 0);
  }
}

TEST_CASE_TEMPLATE("elementwise kernels: integer comparisons", T, INTEGER_DTYPES) {
  auto [a, b] = pairs<T>();
  for (auto& [op, reference] : comparisons<T>()) {
    auto c = apply<bool>(op, a, b);
    size_t wrong = 0;
    for (size_t i = 0; i < a.size(); ++i) wrong += c[i] != reference(a[i], b[i]);
    INFO(name(op), " on ", name<T>());
    CHECK(wrong == 0);
  }
  auto negated = apply<bool>(LogicalNot, b);
  for (size_t i = 0; i < b.size(); ++i) REQUIRE(negated[i] == (b[i] == T(0)));
}

TEST_CASE_TEMPLATE("elementwise kernels: integer functions", T, INTEGER_DTYPES) {
  auto [a, b] = pairs<T>();
  for (auto& [op, reference] : unary_operations<T>()) {
    auto c = apply<T>(op, b);
    size_t wrong = 0;
    for (size_t i = 0; i < b.size(); ++i) wrong += c[i] != wrap<T>(reference(b[i]));
    INFO(name(op), " on ", name<T>());
    CHECK(wrong == 0);
  }
}

TEST_CASE_TEMPLATE("elementwise kernels: selection", T, INTEGER_DTYPES, float16_t, bfloat16_t,
                   float, double, complex64_t) {
  std::mt19937_64 random(2);
  for (size_t size : {1, 15, 16, 33, 1000}) {
    Values<bool> condition(size);
    Values<T> a(size), b(size);
    for (size_t i = 0; i < size; ++i) {
      condition[i] = random() & 1;
      a[i] = T(float(random() % 200));
      b[i] = T(float(random() % 200));
    }
    Values<T> c(size);
    run_contiguous(single(Select, dtype_of<T>(), dtype_of<T>()), size,
                   {condition.data(), a.data(), b.data()}, {c.data()});
    for (size_t i = 0; i < size; ++i) REQUIRE(same(c[i], condition[i] ? a[i] : b[i]));
  }
}

}  // namespace
}  // namespace elementwise_test
