#include "gpu/fft.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "gpu/copy.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
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

/// Numbers that lie densely: complex ones, or real ones.
struct Numbers {
  Place place;
  Dtype::Val dtype = Dtype::Val::complex64;
};

/// The struct of kernels/fft.h.
struct FftLines {
  int64_t columns = 0, blocks = 0, inner = 0;
  int64_t in_outer = 0, in_column = 0, in_element = 0;
  int64_t out_outer = 0, out_column = 0, out_element = 0;
  int64_t kept = 0, whole = 0;
  float scale = 1;
};

/// Numbers that a group has in its memory: 32 KiB, which is all that Metal has.
constexpr int64_t most_in_group = 4096;

const char* flag(bool value) { return value ? "true" : "false"; }

/// Of a transform in two steps: groups take several neighbouring lines, or memory is read in drops.
constexpr int64_t most_of_two = 2048;

/// One length that a group transforms, or two whose product is the length; none if there are none.
std::vector<int64_t> lengths_in_groups(int64_t length) {
  if (radices_of(length).empty()) return {};
  if (length <= most_in_group) return {length};
  std::vector<int64_t> primes;
  for (int64_t prime = 2, rest = length; rest > 1; ++prime)
    for (; rest % prime == 0; rest /= prime) primes.push_back(prime);
  int64_t first = 1, second = 1;
  for (auto prime = primes.rbegin(); prime != primes.rend(); ++prime)
    (first <= second ? first : second) *= *prime;
  if (std::max(first, second) > most_of_two) return {};
  return {first, second};
}

class Fft {
 public:
  explicit Fft(Commands& commands) : commands_(commands) {}

  Place numbers(int64_t count) const {
    return {commands_.scratch(size_t(std::max<int64_t>(count, 1) * number_bytes))};
  }

  /// Along the middle axis, for lengths that groups can hold. Of each line the first `kept` are
  /// stored, which must be all when it takes two steps.
  void transform_in_groups(const Shape& shape, bool inverse, float scale, const Numbers& from,
                           const Numbers& to, int64_t kept) const {
    auto lengths = lengths_in_groups(shape.length);
    if (lengths.size() == 1)
      transform_lines(shape, inverse, scale, from, to, kept);
    else
      transform_matrix(shape, lengths[0], lengths[1], inverse, scale, from, to);
  }

  /// The same in the device's memory, for all other lengths. The result is where it returns; from's
  /// memory is used too.
  Place transform_in_passes(const Shape& shape, bool inverse, float scale, Place from) const {
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
  /// Each line in a group's memory.
  void transform_lines(const Shape& shape, bool inverse, float scale, const Numbers& from,
                       const Numbers& to, int64_t kept) const {
    const auto [outer, length, inner] = shape;
    FftLines lines{.kept = kept, .whole = 0, .scale = scale};
    lines.columns = inner == 1 ? outer : inner;
    lines.inner = inner;
    lines.in_outer = length * inner;
    lines.in_column = length;
    lines.in_element = inner;
    lines.out_outer = kept * inner;
    lines.out_column = kept;
    lines.out_element = inner;
    launch_lines(lines, inner == 1 ? 1 : outer, length, inverse, from, to);
  }

  /// A line as a matrix: its columns, turned, and then its rows, of which each result is a column.
  void transform_matrix(const Shape& shape, int64_t rows, int64_t columns, bool inverse,
                        float scale, const Numbers& from, const Numbers& to) const {
    const int64_t inner = shape.inner, row = columns * inner;
    FftLines lines{.inner = inner, .scale = 1};
    lines.in_outer = lines.out_outer = shape.length * inner;
    lines.columns = row;
    lines.in_column = lines.out_column = inner;
    lines.in_element = lines.out_element = row;
    lines.kept = rows;
    lines.whole = shape.length;
    const Numbers turned{numbers(shape.size())};
    launch_lines(lines, shape.outer, rows, inverse, from, turned);
    lines.columns = lines.out_element = rows * inner;
    lines.in_column = row;
    lines.in_element = inner;
    lines.kept = columns;
    lines.whole = 0;
    lines.scale = scale;
    launch_lines(lines, shape.outer, columns, inverse, turned, to);
  }

  void launch_lines(FftLines lines, int64_t outer, int64_t length, bool inverse,
                    const Numbers& from, const Numbers& to) const {
    const bool is_strided = lines.in_element != 1 || lines.out_element != 1;
    const int64_t most = most_in_group / (is_strided ? 1 : 2) / length;
    int64_t at_once = 1;
    while (2 * at_once <= std::min(most, lines.columns)) at_once *= 2;
    lines.blocks = (lines.columns + at_once - 1) / at_once;
    auto text = lines_text(length, at_once, inverse, lines.whole != 0);
    auto in_type = type_name(from.dtype), out_type = type_name(to.dtype);
    auto key = concat_text("fft:", in_type, " ", out_type, text);
    auto& kernel = commands_.kernels().get(key, [&] {
      // A multiple of 16, since numbers change places within 16.
      const int64_t room = (length * at_once + 15) / 16 * 16;
      Entry entry(Entry::name("fft", key), threads);
      entry.input(in_type, "x").output(out_type, "y").value("FftLines", "p");
      entry.shared("complex64", "part", int(room)).body(text);
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"fft"}));
    });
    Argument arguments[] = {from.place.read(), to.place.write(), Argument::value(lines)};
    commands_.launch(kernel, {uint64_t(outer * lines.blocks)}, {threads}, arguments);
  }

  static std::string lines_text(int64_t length, int64_t at_once, bool inverse, bool is_step) {
    auto text = concat_text("  fft_load<", length, ", ", at_once, ">(x, part, p, g);\n");
    int64_t done = 1;
    for (auto radix : radices_of(length)) {
      text += concat_text("  fft_step<", radix, ", ", done, ", ", length, ", ", at_once, ", ",
                          flag(inverse), ">(part, g);\n");
      done *= radix;
    }
    return text + concat_text("  fft_store<", length, ", ", at_once, ", ", flag(inverse), ", ",
                              flag(is_step), ">(part, y, p, g);\n");
  }

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

  /// Of scratch memory to scratch memory.
  Place transform(const Shape& shape, bool inverse, float scale, Place from) const {
    if (lengths_in_groups(shape.length).empty())
      return transform_in_passes(shape, inverse, scale, from);
    Place to = numbers(shape.size());
    transform_in_groups(shape, inverse, scale, {from}, {to}, shape.length);
    return to;
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

/// A transform along several axes, one after the other.
class AxesFft {
 public:
  AxesFft(Commands& commands, const StridedPlace& in, const AxesTransform& transform, Place out)
      : commands_(commands),
        fft_(commands),
        t_(transform),
        shape_(in.shape.begin(), in.shape.end()),
        numbers_{in.place, in.dtype},
        out_(out),
        scale_(transform.scale) {
    if (!std::ranges::equal(in.strides, row_major(shape_))) take_copy(in);
  }

  void run() {
    const int last = t_.axes.back();
    auto others = t_.axes.first(t_.axes.size() - 1);
    if (!t_.to_real) transform(last, others.empty());
    for (size_t i = 0; i < others.size(); ++i)
      transform(others[i], !t_.to_real && i + 1 == others.size());
    if (t_.to_real) {
      make_complex();
      const int64_t half = shape_[size_t(last)];
      shape_[size_t(last)] = int32_t(t_.length);
      numbers_ = {fft_.mirror(along(shape_, last), half, numbers_.place)};
      transform(last, true);
    }
    if (!is_out_) finish();
  }

 private:
  int64_t size() const {
    return std::accumulate(shape_.begin(), shape_.end(), int64_t(1), std::multiplies<>());
  }
  void take_copy(const StridedPlace& from) {
    Place to = fft_.numbers(size());
    copy(commands_, from, Dtype::Val::complex64, to, row_major(shape_));
    numbers_ = {to};
    is_scratch_ = true;
  }
  /// Scratch memory of complex numbers.
  void make_complex() {
    if (is_scratch_ && numbers_.dtype == Dtype::Val::complex64) return;
    take_copy({numbers_.place, numbers_.dtype, shape_, row_major(shape_)});
  }

  /// Along one axis; the last one goes where the result belongs if it can.
  void transform(int axis, bool is_last) {
    auto& length = shape_[size_t(axis)];
    const Shape shape = along(shape_, axis);
    const float scale = std::exchange(scale_, 1.0f);
    // The other half of the spectrum of real numbers says the same.
    const int32_t kept = t_.from_real && axis == t_.axes.back() ? length / 2 + 1 : length;
    auto lengths = lengths_in_groups(length);
    if (lengths.empty()) {
      make_complex();
      numbers_ = {fft_.transform_in_passes(shape, t_.inverse, scale, numbers_.place)};
      if (kept < length) keep(axis, kept);
      return;
    }
    const bool keeps_all = kept == length || lengths.size() > 1;
    const int64_t stored = keeps_all ? length : kept;
    is_out_ = is_last && stored == kept;
    Numbers to{is_out_ ? out_ : fft_.numbers(shape.outer * stored * shape.inner)};
    if (is_out_ && t_.to_real) to.dtype = Dtype::Val::float32;
    fft_.transform_in_groups(shape, t_.inverse, scale, numbers_, to, stored);
    numbers_ = to;
    is_scratch_ = true;
    length = int32_t(stored);
    if (stored > kept) keep(axis, kept);
  }
  void keep(int axis, int32_t kept) {
    auto strides = row_major(shape_);
    shape_[size_t(axis)] = kept;
    take_copy({numbers_.place, numbers_.dtype, shape_, strides});
  }

  void finish() {
    auto strides = row_major(shape_), to_strides = strides;
    // Of real results the real parts.
    auto dtype = t_.to_real ? Dtype::Val::float32 : Dtype::Val::complex64;
    for (auto& stride : strides) stride *= t_.to_real ? 2 : 1;
    copy(commands_, {numbers_.place, dtype, shape_, strides}, dtype, out_, to_strides);
  }

  Commands& commands_;
  Fft fft_;
  const AxesTransform& t_;
  std::vector<int32_t> shape_;
  Numbers numbers_;
  Place out_;
  float scale_;
  bool is_scratch_ = false, is_out_ = false;
};

}  // namespace

void fftn(Commands& commands, const StridedPlace& in, const AxesTransform& transform, Place out) {
  AxesFft(commands, in, transform, out).run();
}

}  // namespace mlx::core::gpu
