#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <memory>
#include <vector>

#include "cpu/conv/conv.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;

namespace {

struct Parameters {
  std::vector<int> stride, padding, kernel_dilation, input_dilation;
  int groups = 1;
  bool flip = false;

  cpu::ConvGeometry geometry() const {
    return {stride, padding, kernel_dilation, input_dilation, groups, flip};
  }
};

/// Shapes and parameters that fit each other.
struct Setting {
  Parameters parameters;
  Index input, weight, output;

  /// Spatial sizes of outputs follow from room at the high end, which may be negative.
  void finish(Random& random, int32_t batch, int32_t inputs, int32_t outputs, const Index& sizes,
              const Index& kernel, bool padded) {
    auto& p = parameters;
    input = {batch};
    weight = {outputs};
    output = {batch};
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (p.stride.size() <= i) p.stride.push_back(1);
      if (p.kernel_dilation.size() <= i) p.kernel_dilation.push_back(1);
      if (p.input_dilation.size() <= i) p.input_dilation.push_back(1);
      const int64_t needed = int64_t(kernel[i] - 1) * p.kernel_dilation[i] + 1;
      const int64_t space = sizes[i] == 0 ? 0 : int64_t(sizes[i] - 1) * p.input_dilation[i] + 1;
      if (p.padding.size() <= i) p.padding.push_back(padded ? int(pick(random, -1, needed)) : 0);
      const int64_t room = space + p.padding[i] + (padded ? pick(random, -1, needed) : 0) - needed;
      input.push_back(sizes[i]);
      weight.push_back(kernel[i]);
      output.push_back(room < 0 ? 0 : int32_t(room / p.stride[i] + 1));
    }
    input.push_back(inputs * p.groups);
    weight.push_back(inputs);
    output.push_back(outputs);
  }
};

Setting random_setting(Random& random) {
  Setting s;
  const size_t axes = size_t(pick(random, 1, 3));
  Index sizes, kernel;
  for (size_t i = 0; i < axes; ++i) {
    sizes.push_back(int32_t(pick(random, 1, axes == 1 ? 60 : axes == 2 ? 14 : 7)));
    kernel.push_back(int32_t(pick(random, 1, axes == 1 ? 9 : axes == 2 ? 5 : 3)));
    s.parameters.stride.push_back(int(pick(random, 1, 3)));
    s.parameters.kernel_dilation.push_back(pick(random, 0, 2) ? 1 : int(pick(random, 1, 4)));
    s.parameters.input_dilation.push_back(pick(random, 0, 1) ? 1 : int(pick(random, 1, 4)));
  }
  s.parameters.flip = pick(random, 0, 1);
  s.parameters.groups = pick(random, 0, 1) ? 1 : int(pick(random, 1, 6));
  static const int32_t channels[] = {1, 1, 2, 3, 4, 7, 8, 9, 17, 33};
  const int32_t inputs = channels[pick(random, 0, s.parameters.groups > 1 ? 5 : 9)];
  const int32_t outputs =
      s.parameters.groups * channels[pick(random, 0, s.parameters.groups > 1 ? 7 : 9)];
  s.finish(random, int32_t(pick(random, 1, 4)), inputs, outputs, sizes, kernel,
           pick(random, 0, 2) > 0);
  return s;
}

int64_t place(const Index& shape, const Index& index) {
  int64_t at = 0;
  for (size_t i = 0; i < shape.size(); ++i) at = at * shape[i] + index[i];
  return at;
}

/// Calls f(input, weight, output) with the row-major places of every product of the definition.
template <typename F>
void for_each_product(const Setting& s, F&& f) {
  const Parameters& p = s.parameters;
  const size_t axes = p.stride.size();
  const int64_t per_group = s.weight[0] / p.groups, channels = s.weight.back();
  const Index taps(s.weight.begin() + 1, s.weight.end() - 1);
  const Index pixels(s.output.begin(), s.output.end() - 1);
  if (volume(s.output) == 0) return;
  for_each_index(taps, [&](const Index& tap) {
    Index kernel = tap;
    if (p.flip)
      for (size_t i = 0; i < axes; ++i) kernel[i] = taps[i] - 1 - tap[i];
    const int64_t tap_place = place(taps, kernel), tap_count = volume(taps);
    for_each_index(pixels, [&](const Index& output) {
      int64_t input = output[0];
      for (size_t i = 0; i < axes; ++i) {
        int position = output[i + 1] * p.stride[i] + tap[i] * p.kernel_dilation[i] - p.padding[i];
        if (position < 0 || position % p.input_dilation[i] != 0) return;
        position /= p.input_dilation[i];
        if (position >= s.input[i + 1]) return;
        input = input * s.input[i + 1] + position;
      }
      const int64_t pixel = place(pixels, output);
      for (int64_t o = 0; o < s.weight[0]; ++o)
        for (int64_t c = 0; c < channels; ++c)
          f(input * s.input.back() + o / per_group * channels + c,
            (o * tap_count + tap_place) * channels + c, pixel * s.weight[0] + o);
    });
  });
}

/// A sum in float64, of real parts or alike, and its terms' magnitudes.
struct Exact {
  double value = 0, magnitude = 0;
  int64_t terms = 0;

  void add(double term) {
    value += term;
    magnitude += std::abs(term);
    ++terms;
  }

  /// Within the error bound of a sum in any order, rounded once to T.
  template <typename T>
  bool matches(double actual) const {
    if (std::isnan(value)) return std::isnan(actual);
    if (std::isinf(double(T(value)))) return actual == double(T(value));
    const double sum_unit = std::is_same_v<T, double> ? 0x1p-52 : 0x1p-24;
    const double unit = double(std::numeric_limits<T>::epsilon()) / 2;
    const double smallest = std::is_same_v<T, float16_t> ? 0x1p-24 : 1e-40;
    const double bound = double(terms) * sum_unit * magnitude +
                         (is_half_v<T> ? unit * std::abs(value) : 0) + smallest;
    return std::abs(actual - value) <= bound;
  }
};

template <typename T>
struct Total {
  Exact real, imag;
  uint64_t integer = 0;

  void add(const T& a, const T& b) {
    if constexpr (is_complex_v<T>) {
      real.add(double(a.real()) * b.real());
      real.add(-double(a.imag()) * b.imag());
      imag.add(double(a.real()) * b.imag());
      imag.add(double(a.imag()) * b.real());
    } else if constexpr (is_floating_v<T>) {
      real.add(double(a) * double(b));
    } else if constexpr (std::is_same_v<T, bool>) {
      integer |= uint64_t(a && b);
    } else {
      integer += uint64_t(a) * uint64_t(b);
    }
  }
  bool matches(const T& actual) const {
    if constexpr (is_complex_v<T>)
      return real.matches<float>(actual.real()) && imag.matches<float>(actual.imag());
    else if constexpr (is_floating_v<T>)
      return real.matches<T>(double(actual));
    else
      return actual == T(integer);
  }
};

template <typename T>
using Buffer = std::unique_ptr<T[]>;

template <typename T>
Buffer<T> make_buffer(const Index& shape) {
  const size_t count = size_t(volume(shape)) + 1;
  Buffer<T> buffer(new T[count]);
  std::fill_n(buffer.get(), count, T(7));
  return buffer;
}

template <typename T>
cpu::StridedOutput output_view(T* data, const Index& shape, std::vector<int64_t>& strides) {
  strides.assign(shape.size(), 1);
  for (size_t i = shape.size() - 1; i-- > 0;) strides[i] = strides[i + 1] * shape[i + 1];
  return {data, exact_dtype<T>(), shape, strides};
}

template <typename T>
Buffer<T> forward(const Setting& s, const Strided<T>& input, const Strided<T>& weight) {
  auto out = make_buffer<T>(s.output);
  std::vector<int64_t> strides;
  cpu::conv_forward(input.input(), weight.input(), s.parameters.geometry(),
                    output_view(out.get(), s.output, strides));
  return out;
}

template <typename T>
Buffer<T> weight_gradient(const Setting& s, const Strided<T>& input, const Strided<T>& cotangent) {
  auto out = make_buffer<T>(s.weight);
  std::vector<int64_t> strides;
  cpu::conv_weight_gradient(input.input(), cotangent.input(), s.parameters.geometry(),
                            output_view(out.get(), s.weight, strides));
  return out;
}

template <typename T>
bool all_match(const std::vector<Total<T>>& totals, const Buffer<T>& actual) {
  for (size_t i = 0; i < totals.size(); ++i)
    if (!totals[i].matches(actual[i])) return false;
  return actual[totals.size()] == T(7);
}

/// The elements in row-major order.
template <typename T>
Buffer<T> elements(Strided<T>& strided) {
  auto flat = make_buffer<T>(strided.shape());
  int64_t i = 0;
  for_each_index(strided.shape(), [&](const Index& index) { flat[i++] = strided[index]; });
  return flat;
}

template <typename T>
bool forward_matches(const Setting& s, Strided<T>& input, Strided<T>& weight) {
  std::vector<Total<T>> totals(static_cast<size_t>(volume(s.output)));
  auto x = elements(input), w = elements(weight);
  for_each_product(s, [&](int64_t i, int64_t k, int64_t o) { totals[o].add(x[i], w[k]); });
  return all_match(totals, forward(s, input, weight));
}

template <typename T>
bool weight_gradient_matches(const Setting& s, Strided<T>& input, Strided<T>& cotangent) {
  std::vector<Total<T>> totals(static_cast<size_t>(volume(s.weight)));
  auto x = elements(input), y = elements(cotangent);
  for_each_product(s, [&](int64_t i, int64_t k, int64_t o) { totals[k].add(x[i], y[o]); });
  return all_match(totals, weight_gradient(s, input, cotangent));
}

template <typename T>
void check(Random& random, const Setting& s) {
  CAPTURE(s.input.size());
  Strided<T> input(random, s.input, false), weight(random, s.weight, false);
  Strided<T> cotangent(random, s.output, false);
  REQUIRE(forward_matches(s, input, weight));
  REQUIRE(weight_gradient_matches(s, input, cotangent));
}

/// Large enough for several boxes, blocks of the inner axis and slices of the batch.
std::vector<Setting> large_settings(Random& random) {
  std::vector<Setting> settings(9);
  settings[0].finish(random, 2, 40, 50, {20, 13}, {3, 3}, true);
  settings[1].finish(random, 1, 1700, 5, {4}, {2}, true);
  settings[2].finish(random, 1, 3, 70, {50, 30}, {7, 7}, true);
  settings[3].parameters.groups = 40;
  settings[3].finish(random, 2, 1, 80, {30, 31}, {3, 3}, true);
  settings[4].parameters.groups = 3;
  settings[4].finish(random, 2, 20, 60, {15, 16}, {3, 2}, true);
  settings[5].parameters.stride = {2, 1};
  settings[5].parameters.input_dilation = {3, 2};
  settings[5].finish(random, 2, 18, 33, {20, 21}, {5, 4}, true);
  settings[6].finish(random, 70, 4, 20, {3, 3}, {3, 3}, true);
  settings[7].finish(random, 1, 30, 260, {3, 5, 4}, {2, 3, 2}, true);
  settings[8].parameters.stride = {3};
  settings[8].finish(random, 2, 2, 9, {4000}, {1}, false);
  return settings;
}

}  // namespace

TEST_CASE_TEMPLATE("convolution: random parameters and layouts", T, ALL_DTYPES) {
  Random random(21);
  const int rounds = std::is_same_v<T, float> ? 200 : 40;
  for (int round = 0; round < rounds; ++round) check<T>(random, random_setting(random));
}

TEST_CASE_TEMPLATE("convolution: large sizes", T, float16_t, bfloat16_t, float, double) {
  Random random(22);
  for (const Setting& s : large_settings(random)) check<T>(random, s);
}

TEST_CASE_TEMPLATE("convolution: empty sizes", T, ALL_DTYPES) {
  Random random(23);
  for (int axis = 0; axis < 6; ++axis) {
    Setting s;
    const int32_t batch = axis == 0 ? 0 : 2, inputs = axis == 1 ? 0 : 3;
    const int32_t outputs = axis == 2 ? 0 : 4, size = axis == 3 ? 0 : 5;
    const int32_t kernel = axis == 4 ? 0 : 2;
    // Axis 5: the kernel is larger than the input.
    s.finish(random, batch, inputs, outputs, {size, 4}, {axis == 5 ? 9 : kernel, 2}, false);
    check<T>(random, s);
  }
  // All padding.
  Setting s;
  s.parameters.padding = {4};
  s.parameters.input_dilation = {2};
  s.finish(random, 2, 3, 4, {0}, {3}, true);
  s.output[1] = 2;
  check<T>(random, s);
}

TEST_CASE_TEMPLATE("convolution: NaN and infinity reach the sums they belong to", T, float16_t,
                   bfloat16_t, float, double, complex64_t) {
  Random random(24);
  for (int round = 0; round < 30; ++round) {
    Setting s = random_setting(random);
    if (volume(s.output) == 0) continue;
    Strided<T> input(random, s.input, false), weight(random, s.weight, false);
    Strided<T> cotangent(random, s.output, false);
    for (float value :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()}) {
      Index index;
      for (int32_t size : s.input) index.push_back(int32_t(pick(random, 0, size - 1)));
      input[index] = T(value);
    }
    REQUIRE(forward_matches(s, input, weight));
    // An infinite weight would meet the padding's zeros; NaN and zeros make NaN of any sum.
    REQUIRE(weight_gradient_matches(s, input, cotangent));
  }
  Setting s;
  s.finish(random, 2, 3, 20, {9, 9}, {3, 3}, false);
  Strided<T> input(random, s.input, false), weight(random, s.weight, false, false);
  weight[{4, 1, 1, 2}] = T(std::numeric_limits<float>::infinity());
  weight[{17, 0, 2, 0}] = T(std::numeric_limits<float>::quiet_NaN());
  REQUIRE(forward_matches(s, input, weight));
}

TEST_CASE_TEMPLATE("convolution: the same bits for any number of threads", T, float16_t, float,
                   double, complex64_t) {
  Random random(25);
  const int threads = num_threads();
  for (const Setting& s : large_settings(random)) {
    Strided<T> input(random, s.input, false), weight(random, s.weight, false);
    Strided<T> cotangent(random, s.output, false);
    set_num_threads(1);
    auto result = forward(s, input, weight);
    auto gradient = weight_gradient(s, input, cotangent);
    for (int count : {2, 7}) {
      set_num_threads(count);
      auto more = forward(s, input, weight);
      REQUIRE(same_bits(result.get(), more.get(), size_t(volume(s.output))));
      more = weight_gradient(s, input, cotangent);
      REQUIRE(same_bits(gradient.get(), more.get(), size_t(volume(s.weight))));
    }
    set_num_threads(threads);
  }
}
