#include "gpu_test_values.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>

#include "array/dtype_dispatch.h"
#include "gpu/generate/type_name.h"
#include "mlx/types.h"

namespace mlx::core::gpu {
namespace {

template <typename T>
void append(Bytes& bytes, T value) {
  auto* from = reinterpret_cast<const char*>(&value);
  bytes.insert(bytes.end(), from, from + sizeof(T));
}

template <typename T>
T read(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

const std::vector<float>& special_floats() {
  static const std::vector<float> values = {0.0f,
                                            -0.0f,
                                            1.0f,
                                            -1.0f,
                                            0.5f,
                                            -0.5f,
                                            2.0f,
                                            -2.0f,
                                            3.0f,
                                            -3.0f,
                                            0.1f,
                                            -0.1f,
                                            1.5f,
                                            -2.5f,
                                            0.75f,
                                            -0.99f,
                                            10.0f,
                                            -17.0f,
                                            88.5f,
                                            -88.5f,
                                            104.0f,
                                            1e-6f,
                                            -1e-6f,
                                            1e-20f,
                                            1e-40f,
                                            -1e-45f,
                                            1e10f,
                                            -1e10f,
                                            3e38f,
                                            -3e38f,
                                            65504.0f,
                                            65520.0f,
                                            1e6f,
                                            -2.5e6f,
                                            1.7e18f,
                                            127.5f,
                                            -128.5f,
                                            32767.4f,
                                            2147483648.0f,
                                            -2147483648.0f,
                                            4294967296.0f,
                                            9.3e18f,
                                            -9.3e18f,
                                            1.9e19f,
                                            3.14159274f,
                                            1.57079637f,
                                            0x1p-126f,
                                            0x1.fffffep127f,
                                            std::numeric_limits<float>::infinity(),
                                            -std::numeric_limits<float>::infinity(),
                                            std::numeric_limits<float>::quiet_NaN()};
  return values;
}

template <typename T>
void append_special(Bytes& bytes) {
  if constexpr (std::is_same_v<T, bool>) {
    append(bytes, false);
    append(bytes, true);
  } else if constexpr (is_complex_v<T>) {
    const float parts[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, -2.0f, 3.5f, 1e-5f, 20.0f, -0.999f};
    for (float re : parts)
      for (float im : parts) append(bytes, complex64_t(re, im));
  } else if constexpr (is_floating_v<T>) {
    for (float value : special_floats()) append(bytes, T(value));
  } else {
    using Limits = std::numeric_limits<T>;
    for (int value : {0, 1, 2, 3, 5, 7, 8, 13, 31, 32, 63, 64, 100, 127}) append(bytes, T(value));
    for (T value : {Limits::max(), Limits::min(), T(Limits::max() - 1), T(Limits::max() / 2),
                    T(Limits::min() + 1), T(-1), T(-2), T(-7), T(-8)})
      append(bytes, value);
  }
}

template <typename T>
void append_random(Bytes& bytes, size_t count, std::mt19937_64& random, bool moderate) {
  std::uniform_real_distribution<float> around(-4.0f, 4.0f);
  for (size_t i = 0; i < count; ++i) {
    if constexpr (is_complex_v<T>) {
      append(bytes, complex64_t(around(random), around(random)));
    } else if constexpr (is_floating_v<T>) {
      float value = around(random);
      if (!moderate && random() % 2) value = std::ldexp(value, int(random() % 120) - 60);
      append(bytes, T(value));
    } else if constexpr (std::is_same_v<T, bool>) {
      append(bytes, bool(random() % 2));
    } else {
      uint64_t bits = random();
      append(bytes, T(moderate || random() % 2 ? int(bits % 19) - (std::is_signed_v<T> ? 9 : 0)
                                               : int64_t(bits)));
    }
  }
}

/// The place of a float among all floats of its type.
int64_t ordinal(uint32_t bits, int width) {
  int64_t sign = int64_t(1) << (width - 1);
  auto value = int64_t(bits);
  return value & sign ? -(value & (sign - 1)) : value;
}

}  // namespace

std::string name_of(Dtype::Val dtype) { return type_name(dtype); }

Bytes special_values(Dtype::Val dtype) {
  Bytes bytes;
  dispatch_dtype(dtype, [&](auto tag) { append_special<typename decltype(tag)::type>(bytes); });
  return bytes;
}

Bytes random_values(Dtype::Val dtype, size_t count, std::mt19937_64& random) {
  Bytes bytes;
  dispatch_dtype(dtype, [&](auto tag) {
    append_random<typename decltype(tag)::type>(bytes, count, random, false);
  });
  return bytes;
}

Bytes moderate_values(Dtype::Val dtype, size_t count, std::mt19937_64& random) {
  Bytes bytes;
  dispatch_dtype(dtype, [&](auto tag) {
    append_random<typename decltype(tag)::type>(bytes, count, random, true);
  });
  return bytes;
}

double distance(Dtype::Val dtype, const char* a, const char* b) {
  if (dtype == Dtype::Val::float32 || is_half(dtype)) {
    double x = value_of(dtype, a), y = value_of(dtype, b);
    if (x == y || (std::isnan(x) && std::isnan(y))) return 0;
    if (!std::isfinite(x) || !std::isfinite(y)) return std::numeric_limits<double>::infinity();
    int width = 8 * item_size(dtype);
    uint32_t p = width == 32 ? read<uint32_t>(a) : read<uint16_t>(a);
    uint32_t q = width == 32 ? read<uint32_t>(b) : read<uint16_t>(b);
    return std::abs(double(ordinal(p, width) - ordinal(q, width)));
  }
  if (dtype == Dtype::Val::complex64) {
    auto x = read<complex64_t>(a), y = read<complex64_t>(b);
    auto part = [](float p, float q) {
      if (p == q || (std::isnan(p) && std::isnan(q))) return 0.0;
      return std::abs(double(p) - double(q));
    };
    double difference = std::max(part(x.real(), y.real()), part(x.imag(), y.imag()));
    if (difference == 0) return 0;
    double size = std::abs(std::complex<double>(x));
    return difference / (std::max(size, 1e-30) * 0x1p-24);
  }
  return std::memcmp(a, b, size_t(item_size(dtype))) == 0 ? 0
                                                          : std::numeric_limits<double>::infinity();
}

double value_of(Dtype::Val dtype, const char* element) {
  return dispatch_dtype(dtype, [&](auto tag) -> double {
    using T = typename decltype(tag)::type;
    auto value = read<T>(element);
    if constexpr (is_complex_v<T>)
      return value.real();
    else if constexpr (is_half_v<T>)
      return float(value);
    else
      return double(value);
  });
}

std::string describe(Dtype::Val dtype, const char* element) {
  std::ostringstream text;
  text.precision(9);
  if (dtype == Dtype::Val::complex64) {
    auto z = read<complex64_t>(element);
    text << "(" << z.real() << ", " << z.imag() << ")";
  } else {
    text << value_of(dtype, element);
  }
  return text.str();
}

}  // namespace mlx::core::gpu
