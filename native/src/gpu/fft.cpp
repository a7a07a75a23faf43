#include "gpu/fft.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "gpu/copy.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256;
constexpr int64_t number_bytes = 8, most_radix = 16;
// Longer prime factors go by way of powers of two.
constexpr int64_t most_prime = 31;

/// Radices of passes; empty when a prime factor is too large.
std::vector<int64_t> radices_of(int64_t length) {
  std::vector<int64_t> radices;
  while (length % 2 == 0) {
    const int64_t radix = std::min<int64_t>(length & -length, most_radix);
    radices.push_back(radix);
    length /= radix;
  }
  for (int64_t prime = 3; prime <= most_prime; prime += 2)
    for (; length % prime == 0; length /= prime) radices.push_back(prime);
  if (length > 1) return {};
  // A length of one is only scaled.
  if (radices.empty()) radices.push_back(1);
  return radices;
}

struct Shape {
  int64_t outer, length, inner;

  int64_t size() const { return outer * length * inner; }
};

const char* flag(bool value) { return value ? "true" : "false"; }

class Fft {
 public:
  explicit Fft(Commands& commands) : commands_(commands) {}

  Place numbers(int64_t count) const {
    return {commands_.scratch(size_t(std::max<int64_t>(count, 1) * number_bytes))};
  }

  /// Along the middle axis; the result is where it returns, from's memory is used too.
  Place transform(const Shape& shape, bool inverse, float scale, Place from) const {
    auto radices = radices_of(shape.length);
    if (radices.empty()) return transform_by_convolution(shape, inverse, scale, from);
    Place to = numbers(shape.size());
    int64_t done = 1;
    for (int64_t radix : radices) {
      pass(shape, radix, done, inverse, done == 1 ? scale : 1, from, to);
      done *= radix;
      std::swap(from, to);
    }
    return from;
  }

  /// The whole of a half spectrum along the last axis.
  Place mirror(const Shape& shape, int64_t half, Place from) const {
    Place to = numbers(shape.size());
    run("fft_mirror(x, y, p, g)", shape, half, 1, {from}, to);
    return to;
  }

 private:
  const Kernel& kernel(const std::string& call, int inputs, const char* arguments) const {
    return commands_.kernels().get(call, [&] {
      Entry entry(Entry::name("fft", call), threads);
      if (inputs > 0) entry.input("complex64", "x");
      if (inputs > 1) entry.input("complex64", "factors");
      entry.output("complex64", "y").value(arguments, "p").body("  " + call + ";\n");
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"fft"}));
    });
  }

  void pass(const Shape& shape, int64_t radix, int64_t done, bool inverse, float scale, Place from,
            Place to) const {
    const bool is_wide = shape.size() > INT32_MAX;
    auto call = concat_text("fft_pass<", radix, ", ", flag(inverse), ", ",
                            is_wide ? "ulong" : "uint", ">(x, y, p, g)");
    struct {
      int64_t count, length, inner, done, rest;
      float scale;
    } numbers{shape.size() / radix,          shape.length, shape.inner, done,
              shape.length / (done * radix), scale};
    Argument arguments[] = {from.read(), to.write(), Argument::value(numbers)};
    launch(kernel(call, 1, "FftArguments"), numbers.count, arguments);
  }

  /// A kernel with a thread for each number of `to`.
  void run(const std::string& call, const Shape& shape, int64_t padded, float scale,
           std::initializer_list<Place> from, Place to, int64_t count = 0) const {
    struct {
      int64_t count, length, inner, padded;
      float scale;
    } numbers{count ? count : shape.size(), shape.length, shape.inner, padded, scale};
    std::vector<Argument> arguments;
    for (auto& place : from) arguments.push_back(place.read());
    arguments.push_back(to.write());
    arguments.push_back(Argument::value(numbers));
    launch(kernel(call, int(from.size()), "ChirpArguments"), numbers.count, arguments);
  }
  void launch(const Kernel& kernel, int64_t count, std::span<const Argument> arguments) const {
    if (count > 0)
      commands_.launch(kernel, {uint64_t((count + threads - 1) / threads)}, {threads}, arguments);
  }

  Place transform_by_convolution(const Shape& shape, bool inverse, float scale, Place from) const {
    const int64_t padded = int64_t(std::bit_ceil(uint64_t(2 * shape.length - 1)));
    const Shape wide{shape.outer, padded, shape.inner};
    auto call = [&](const char* name) { return concat_text(name, "<", flag(inverse), ">("); };
    Place x = numbers(wide.size()), factors = numbers(padded);
    run(call("fft_chirp_in") + "x, y, p, g)", shape, padded, 1, {from}, x, wide.size());
    run(call("fft_chirp") + "y, p, g)", shape, padded, 1, {}, factors, padded);
    x = transform(wide, false, 1, x);
    factors = transform({1, padded, 1}, false, 1, factors);
    Place product = numbers(wide.size());
    run("fft_convolve(x, factors, y, p, g)", shape, padded, 1, {x, factors}, product, wide.size());
    product = transform(wide, true, 1.0f / float(padded), product);
    run(call("fft_chirp_out") + "x, y, p, g)", shape, padded, scale, {product}, from);
    return from;
  }

  Commands& commands_;
};

std::vector<int64_t> row_major(std::span<const int32_t> shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) strides[d] = stride;
  return strides;
}

Shape along(std::span<const int32_t> shape, int axis) {
  Shape result{1, shape[size_t(axis)], 1};
  for (int d = 0; d < int(shape.size()); ++d)
    if (d != axis) (d < axis ? result.outer : result.inner) *= shape[size_t(d)];
  return result;
}

}  // namespace

void fftn(Commands& commands, const StridedPlace& in, const AxesTransform& t, Place out) {
  Fft fft(commands);
  std::vector<int32_t> shape(in.shape.begin(), in.shape.end());
  const int last = t.axes.back();
  auto& length = shape[size_t(last)];
  Place numbers = fft.numbers(along(shape, last).size());
  copy(commands, in, Dtype::Val::complex64, numbers, row_major(shape));
  // The first transform scales.
  float scale = t.scale;
  auto transform = [&](int axis) {
    numbers = fft.transform(along(shape, axis), t.inverse, std::exchange(scale, 1.0f), numbers);
  };
  if (!t.to_real) transform(last);
  auto strides = row_major(shape);
  if (t.from_real) {
    // The other half says the same.
    length = length / 2 + 1;
    Place half = fft.numbers(along(shape, last).size());
    copy(commands, {numbers, Dtype::Val::complex64, shape, strides}, Dtype::Val::complex64, half,
         row_major(shape));
    numbers = half;
  }
  for (int axis : t.axes.first(t.axes.size() - 1)) transform(axis);
  if (t.to_real) {
    const int64_t half = length;
    length = int32_t(t.length);
    numbers = fft.mirror(along(shape, last), half, numbers);
    transform(last);
  }
  strides = row_major(shape);
  auto to_strides = strides;
  // Of real results the real parts.
  auto dtype = t.to_real ? Dtype::Val::float32 : Dtype::Val::complex64;
  for (auto& stride : strides) stride *= t.to_real ? 2 : 1;
  copy(commands, {numbers, dtype, shape, strides}, dtype, out, to_strides);
}

}  // namespace mlx::core::gpu
