#include <doctest/doctest.h>

#include "elementwise_kernel_data.h"

// Every dtype to every other, against a conversion by way of long double, which holds them all.
namespace elementwise_test {
namespace {

template <typename T>
std::vector<T> cast_samples() {
  std::vector<T> samples;
  std::mt19937_64 random(1);
  if constexpr (std::is_same_v<T, bool>) {
    samples = {false, true};
  } else if constexpr (std::is_integral_v<T>) {
    for (int bit = 0; bit < int(8 * sizeof(T)); ++bit)
      for (int i = -2; i < 3; ++i) {
        samples.push_back(T((uint64_t(1) << bit) + uint64_t(i)));
        samples.push_back(T(uint64_t(0) - (uint64_t(1) << bit) + uint64_t(i)));
      }
    // Just around the middle between two numbers of fewer digits.
    for (int i = 0; i < 2000; ++i)
      samples.push_back(T((random() >> (random() % 64) | 1) << (random() % 40)));
    for (int i = 0; i < 2000; ++i) samples.push_back(T(random() >> (random() % 64)));
  } else if constexpr (is_complex_v<T>) {
    for (auto x : floating_samples<float>(2000, 1))
      samples.push_back(T(x, float(random() % 3) - 1));
    samples.push_back(T(0.0f, NAN));
  } else {
    samples = floating_samples<T>(6000, 1);
    for (int bit = 0; bit < 65; ++bit)
      for (double factor : {1.0, 1 + 0x1p-10, 1 - 0x1p-11, 1 + 0x1p-7, 1 + 0x1p-8, 1 - 0x1p-23,
                            1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-8 - 0x1p-45, 1 + 0x1.8p-8 + 0x1p-50,
                            1 + 0x1.8p-11 - 0x1p-51})
        for (double sign : {1.0, -1.0}) {
          samples.push_back(T(sign * std::ldexp(factor, bit)));
          samples.push_back(T(sign * (std::ldexp(factor, bit) - 0.5)));
          // And among float16's subnormal numbers.
          samples.push_back(T(sign * std::ldexp(factor, bit / 2 - 30)));
        }
  }
  return samples;
}

template <typename To, typename From>
bool is_right(From from, To to) {
  if constexpr (std::is_same_v<From, To>) {
    return same(from, to);
  } else if constexpr (is_complex_v<From>) {
    if constexpr (std::is_same_v<To, bool>)
      return to == (from.real() != 0 || from.imag() != 0);
    else
      return is_right(from.real(), to);
  } else if constexpr (is_complex_v<To>) {
    return is_right(from, to.real()) && to.imag() == 0;
  } else {
    Wide value = widen(from);
    if constexpr (std::is_same_v<To, bool>) {
      return to == (value != 0);
    } else if constexpr (std::is_integral_v<To>) {
      if constexpr (!is_floating_v<From>) return to == To(uint64_t(from));
      if (std::isnan(value)) return to == 0;
      if (value < Wide(std::numeric_limits<To>::min())) return to == std::numeric_limits<To>::min();
      if (value > Wide(std::numeric_limits<To>::max())) return to == std::numeric_limits<To>::max();
      return to == To(value);
    } else {
      if (std::isnan(value)) return std::isnan(widen(to));
      Wide expected = rounded<To>(value);
      return widen(to) == expected && std::signbit(widen(to)) == std::signbit(expected);
    }
  }
}

template <typename From, typename To>
void check_cast() {
  Values<From> from(cast_samples<From>());
  auto to = apply<To>(ElementwiseOp::Cast, from);
  size_t wrong = 0, first_wrong = 0;
  for (size_t i = 0; i < from.size(); ++i)
    if (!is_right(from[i], to[i]) && wrong++ == 0) first_wrong = i;
  INFO("from ", name<From>(), " to ", name<To>(), ", element ", first_wrong);
  CHECK(wrong == 0);
}

template <typename From, typename... To>
void check_casts() {
  (check_cast<From, To>(), ...);
}

TEST_CASE_TEMPLATE("elementwise kernels: casts", From, bool, uint8_t, uint16_t, uint32_t, uint64_t,
                   int8_t, int16_t, int32_t, int64_t, float16_t, bfloat16_t, float, double,
                   complex64_t) {
  check_casts<From, bool, uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t, int32_t, int64_t,
              float16_t, bfloat16_t, float, double, complex64_t>();
}

}  // namespace
}  // namespace elementwise_test
