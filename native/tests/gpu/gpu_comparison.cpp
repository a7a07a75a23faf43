#include "gpu_comparison.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "gpu_test_device.h"
#include "gpu_test_values.h"
#include "runtime/gpu_device.h"

namespace mlx::core::gpu {
namespace {

std::vector<array> on_cpu(const std::vector<array>& inputs, const Operation& operation) {
  auto previous = default_device();
  set_default_device(mlx::core::Device::cpu);
  auto results = operation(inputs);
  eval(results);
  set_default_device(previous);
  return results;
}

double unit_of(Dtype dtype) {
  if (dtype == float16) return 0x1p-10;
  if (dtype == bfloat16) return 0x1p-7;
  return 0x1p-23;
}

/// The real numbers that an array holds.
std::vector<double> numbers_of(const array& a) {
  bool is_complex = a.dtype() == complex64;
  const array flat = flatten(a, mlx::core::Device::cpu);
  const array values = is_complex ? view(flat, float32, mlx::core::Device::cpu) : flat;
  array wide =
      contiguous(astype(values, float64, mlx::core::Device::cpu), false, mlx::core::Device::cpu);
  wide.eval();
  return {wide.data<double>(), wide.data<double>() + wide.size()};
}

void check_close(const array& expected, const array& got, double tolerance) {
  auto a = numbers_of(expected), b = numbers_of(got);
  double largest = 0, worst = 0;
  for (double x : a)
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    double off = std::abs(a[i] - b[i]) / (unit_of(expected.dtype()) * largest);
    worst = std::max(worst, std::isnan(off) ? INFINITY : off);
  }
  CHECK(worst <= tolerance);
}

void check_same(const array& expected, const array& got) {
  // Complex numbers are compared part by part.
  bool is_complex = expected.dtype() == complex64;
  auto parts = [&](const array& a) {
    array whole = contiguous(flatten(a, mlx::core::Device::cpu), false, mlx::core::Device::cpu);
    array result = is_complex ? view(whole, float32, mlx::core::Device::cpu) : whole;
    result.eval();
    return result;
  };
  const array a = parts(expected), b = parts(got);
  auto dtype = a.dtype();
  bool is_float = issubdtype(dtype, floating);
  size_t width = a.itemsize(), wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    auto *x = a.data<char>() + i * width, *y = b.data<char>() + i * width;
    if (std::memcmp(x, y, width) == 0) continue;
    // Any NaN is as good as another.
    if (is_float && std::isnan(value_of(dtype, x)) && std::isnan(value_of(dtype, y))) continue;
    if (wrong++ == 0)
      MESSAGE("element ", i, " is ", describe(dtype, y), " instead of ", describe(dtype, x));
  }
  CHECK(wrong == 0);
}

}  // namespace

OnTestDevice::OnTestDevice() : previous_(default_device()) {
  set_gpu_device(test_device());
  set_default_device(mlx::core::Device::gpu);
}
OnTestDevice::~OnTestDevice() {
  set_default_device(previous_);
  // The thread's default stream there would outlive it.
  clear_streams();
  set_gpu_device(nullptr);
}

void check_on_both(const std::string& name, const std::vector<array>& inputs,
                   const Operation& operation, double tolerance) {
  INFO(name);
  auto expected = on_cpu(inputs, operation);
  auto got = operation(inputs);
  eval(got);
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    REQUIRE(got[i].shape() == expected[i].shape());
    REQUIRE(got[i].dtype() == expected[i].dtype());
    if (!test_device_computes()) continue;
    if (tolerance > 0)
      check_close(expected[i], got[i], tolerance);
    else
      check_same(expected[i], got[i]);
  }
}

array some_values(const Shape& shape, Dtype dtype, unsigned seed) {
  std::mt19937_64 random(seed);
  size_t count = 1;
  for (int n : shape) count *= size_t(n);
  Bytes bytes = moderate_values(dtype, count, random);
  array a(allocator::malloc(bytes.size()), shape, dtype);
  std::memcpy(a.data<char>(), bytes.data(), bytes.size());
  return a;
}

}  // namespace mlx::core::gpu
