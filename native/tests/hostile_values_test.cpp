#include <cmath>

#include "hostile_data.h"

// Values that C++ leaves undefined: what comes out is what the engine promises.

using namespace hostile;

namespace {

const Shape vector_shape{67};

template <typename T>
std::vector<T> values(const array& a) {
  array flat = contiguous(a);
  flat.eval();
  return {flat.data<T>(), flat.data<T>() + flat.size()};
}

/// Modulo the width, as the hardware wraps.
template <typename T>
T wrap(__int128 value) {
  return T(uint64_t(static_cast<unsigned __int128>(value)));
}

__int128 floor_quotient(__int128 a, __int128 b) {
  if (b == 0) return 0;
  __int128 quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

template <typename T>
void check_integers(Dtype dtype, Random& random) {
  constexpr int width = 8 * int(sizeof(T));
  array a = hostile_array({500}, dtype, random), b = hostile_array({500}, dtype, random);
  auto x = values<T>(a), y = values<T>(b);
  auto quotient = values<T>(floor_divide(a, b)), rest = values<T>(remainder(a, b));
  auto both = divmod(a, b);
  auto left = values<T>(left_shift(a, b)), right = values<T>(right_shift(a, b));
  auto magnitude = values<T>(abs(a)), negated = values<T>(negative(a));
  for (size_t i = 0; i < x.size(); ++i) {
    __int128 n = x[i], d = y[i];
    CHECK(quotient[i] == wrap<T>(floor_quotient(n, d)));
    CHECK(rest[i] == (d == 0 ? T(0) : wrap<T>(n - floor_quotient(n, d) * d)));
    bool is_outside = d < 0 || d >= width;
    CHECK(left[i] == (is_outside ? T(0) : wrap<T>(n * (__int128(1) << int(d)))));
    CHECK(right[i] == (is_outside ? T(n < 0 ? -1 : 0) : T(n >> int(d))));
    CHECK(magnitude[i] == wrap<T>(n < 0 ? -n : n));
    CHECK(negated[i] == wrap<T>(-n));
  }
  CHECK(values<T>(both[0]) == quotient);
  CHECK(values<T>(both[1]) == rest);
}

template <typename T>
void check_casts(Dtype from, Dtype to, Random& random) {
  array a = hostile_array({500}, from, random);
  auto x = values<double>(astype(a, float64));
  auto got = values<T>(astype(a, to));
  using Limits = std::numeric_limits<T>;
  for (size_t i = 0; i < x.size(); ++i) {
    double whole = std::trunc(x[i]);
    // The limits themselves need not be floating numbers; the powers of two after them are.
    double above = std::ldexp(1.0, Limits::digits), lowest = double(Limits::min());
    T expected = std::isnan(x[i])  ? T(0)
                 : whole >= above  ? Limits::max()
                 : whole <= lowest ? Limits::min()
                                   : T(whole);
    CHECK(got[i] == expected);
  }
}

/// Sums and products modulo the width of their result, in any order.
template <typename T, typename Result>
void check_wrapping_totals(Dtype dtype, Random& random) {
  array a = hostile_array({41}, dtype, random);
  auto x = values<T>(a);
  uint64_t total = 0, product = 1;
  std::vector<T> running_sums, running_products;
  for (T value : x) {
    total += uint64_t(value);
    product *= uint64_t(value);
    running_sums.push_back(T(total));
    running_products.push_back(T(product));
  }
  CHECK(values<Result>(sum(a))[0] == Result(total));
  CHECK(values<Result>(prod(a))[0] == Result(product));
  CHECK(values<T>(astype(cumsum(a, 0), dtype)) == running_sums);
  CHECK(values<T>(astype(cumprod(a, 0), dtype)) == running_products);
}

using Unary = array (*)(const array&, StreamOrDevice);
using Binary = array (*)(const array&, const array&, StreamOrDevice);

const std::vector<Unary> unary_operations{
    abs,   negative,   positive, sign,     floor,    ceil,     trunc,       square,        sqrt,
    rsqrt, reciprocal, exp,      expm1,    log,      log2,     log10,       log1p,         sigmoid,
    erf,   erfinv,     sin,      cos,      tan,      arcsin,   arccos,      arctan,        sinh,
    cosh,  tanh,       arcsinh,  arccosh,  arctanh,  degrees,  radians,     conjugate,     real,
    imag,  isnan,      isinf,    isfinite, isposinf, isneginf, logical_not, bitwise_invert};
const std::vector<Binary> binary_operations{
    add,        subtract,    multiply,      divide,      floor_divide, remainder,   power,
    maximum,    minimum,     logaddexp,     arctan2,     equal,        not_equal,   less,
    less_equal, greater,     greater_equal, logical_and, logical_or,   logical_xor, bitwise_and,
    bitwise_or, bitwise_xor, left_shift,    right_shift};

}  // namespace

TEST_CASE("hostile values: integers wrap, and divide and shift as the engine says") {
  Random random(1);
  check_integers<int8_t>(int8, random);
  check_integers<int16_t>(int16, random);
  check_integers<int32_t>(int32, random);
  check_integers<int64_t>(int64, random);
  check_integers<uint8_t>(uint8, random);
  check_integers<uint16_t>(uint16, random);
  check_integers<uint32_t>(uint32, random);
  check_integers<uint64_t>(uint64, random);
}

TEST_CASE("hostile values: casts to integers saturate, and NaN becomes 0") {
  Random random(2);
  for (Dtype from : floating_dtypes) {
    check_casts<int8_t>(from, int8, random);
    check_casts<int16_t>(from, int16, random);
    check_casts<int32_t>(from, int32, random);
    check_casts<int64_t>(from, int64, random);
    check_casts<uint8_t>(from, uint8, random);
    check_casts<uint16_t>(from, uint16, random);
    check_casts<uint32_t>(from, uint32, random);
    check_casts<uint64_t>(from, uint64, random);
  }
}

TEST_CASE("hostile values: totals of integers wrap") {
  Random random(3);
  for (int run = 0; run < 20; ++run) {
    check_wrapping_totals<int8_t, int32_t>(int8, random);
    check_wrapping_totals<int16_t, int32_t>(int16, random);
    check_wrapping_totals<int32_t, int32_t>(int32, random);
    check_wrapping_totals<int64_t, int64_t>(int64, random);
    check_wrapping_totals<uint8_t, uint32_t>(uint8, random);
    check_wrapping_totals<uint16_t, uint32_t>(uint16, random);
    check_wrapping_totals<uint32_t, uint32_t>(uint32, random);
    check_wrapping_totals<uint64_t, uint64_t>(uint64, random);
  }
}

TEST_CASE("hostile values: powers of integers with negative and huge exponents") {
  array base({2, -1, -1, 1, 0, 0, 7, INT32_MIN});
  array exponent({-3, -3, INT32_MIN, -5, -1, 0, INT32_MAX, 2});
  int32_t seven = 1;
  for (uint32_t i = 0, square = 7, e = INT32_MAX; i < 31; ++i, square *= square)
    if (e >> i & 1) seven = int32_t(uint32_t(seven) * square);
  CHECK(values<int32_t>(power(base, exponent)) ==
        std::vector<int32_t>{0, -1, 1, 1, 0, 1, seven, 0});
}

TEST_CASE("hostile values: rounding to more digits than there are") {
  array x({1.5f, -3e38f, INFINITY});
  for (int decimals : {-39, -400, INT32_MIN})
    CHECK(values<float>(round(x, decimals)) == std::vector<float>{0, 0, INFINITY});
  for (int decimals : {39, 400, INT32_MAX})
    CHECK(values<float>(round(x, decimals)) == values<float>(x));
  CHECK(values<int32_t>(round(array({INT32_MIN, 7}), INT32_MIN)) == std::vector<int32_t>{0, 0});
}

TEST_CASE("hostile values: every operation on every pair of dtypes") {
  Random random(4);
  for (Dtype dtype : all_dtypes) {
    array a = hostile_array(vector_shape, dtype, random);
    for (auto operation : unary_operations) succeeds([&] { return operation(a, {}); });
    for (int decimals : {0, 2, -3, 40, -400, INT32_MAX, INT32_MIN})
      succeeds([&] { return round(a, decimals); });
    for (Dtype other : all_dtypes) {
      array b = hostile_array(vector_shape, other, random);
      CHECK(succeeds([&] { return astype(a, other); }));
      for (auto operation : binary_operations) succeeds([&] { return operation(a, b, {}); });
      CHECK(succeeds([&] { return where(a, b, a); }));
      succeeds([&] { return clip(a, b, a); });
      succeeds([&] { return isclose(a, b, NAN, INFINITY); });
      succeeds([&] { return divmod(a, b); });
    }
    succeeds([&] { return nan_to_num(a, NAN, INFINITY, 1e30f); });
  }
}

TEST_CASE("hostile values: chains of operations, fused or not, give the same") {
  Random random(5);
  for (Dtype dtype : all_dtypes) {
    array a = hostile_array(vector_shape, dtype, random);
    array b = hostile_array(vector_shape, dtype, random);
    auto chain = [](const std::vector<array>& x) {
      array y = subtract(multiply(x[0], x[1]), x[0]);
      return std::vector<array>{astype(floor_divide(astype(y, int16), astype(x[1], int16)), int8)};
    };
    if (dtype == bool_) continue;
    std::vector<array> x{a, b};
    CHECK(array_equal(compile(VectorFunction(chain))(x)[0], chain(x)[0]).item<bool>());
  }
}

TEST_CASE("hostile values: reductions, scans, sorts and products of NaN and extremes") {
  Random random(6);
  for (Dtype dtype : all_dtypes) {
    for (const Shape& shape : {Shape{5, 17}, Shape{0, 3}, Shape{3, 0}, Shape{1, 1}}) {
      array a = hostile_array(shape, dtype, random);
      for (int axis : {0, 1, -1, 2, INT32_MAX, INT32_MIN}) {
        succeeds([&] { return sum(a, axis); });
        succeeds([&] { return prod(a, axis); });
        succeeds([&] { return max(a, axis); });
        succeeds([&] { return min(a, axis); });
        succeeds([&] { return all(a, axis); });
        succeeds([&] { return any(a, axis); });
        succeeds([&] { return mean(a, axis); });
        for (int ddof : {0, 17, INT32_MAX, INT32_MIN})
          succeeds([&] { return var(a, axis, false, ddof); });
        succeeds([&] { return argmax(a, axis); });
        succeeds([&] { return argmin(a, axis); });
        succeeds([&] { return logsumexp(a, axis); });
        succeeds([&] { return softmax(a, axis); });
        succeeds([&] { return cumsum(a, axis, true, false); });
        succeeds([&] { return cumprod(a, axis, true); });
        succeeds([&] { return cummax(a, axis); });
        succeeds([&] { return cummin(a, axis, false, false); });
        succeeds([&] { return logcumsumexp(a, axis); });
        succeeds([&] { return sort(a, axis); });
        succeeds([&] { return argsort(a, axis); });
        for (int k : {0, 2, -1, 17, INT32_MAX, INT32_MIN}) {
          succeeds([&] { return partition(a, k, axis); });
          succeeds([&] { return argpartition(a, k, axis); });
          succeeds([&] { return topk(a, k, axis); });
        }
      }
      array b = hostile_array({shape[1], shape[0]}, dtype, random);
      succeeds([&] { return matmul(a, b); });
      succeeds([&] { return addmm(array(NAN), a, b, INFINITY, 0.0f); });
      succeeds([&] { return outer(a, b); });
      succeeds([&] { return kron(a, b); });
    }
  }
}

TEST_CASE("hostile values: sorting leaves a permutation with NaN last") {
  Random random(7);
  for (Dtype dtype : floating_dtypes) {
    array sorted = sort(hostile_array({301}, dtype, random));
    auto x = values<double>(astype(sorted, float64));
    for (size_t i = 1; i < x.size(); ++i)
      CHECK((std::isnan(x[i]) || (!std::isnan(x[i - 1]) && x[i - 1] <= x[i])));
  }
}
