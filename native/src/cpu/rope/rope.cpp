#include "cpu/rope/rope.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/widen.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kTaskElements = 16384;

size_t grain_of(int64_t elements) {
  return size_t(std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, elements)));
}

/// Where each row of x begins, and which of the distinct offsets it has.
struct Rows {
  std::vector<int64_t> begins;
  std::vector<int64_t> offset_numbers;
  std::vector<int32_t> offsets;

  explicit Rows(const RopeArgs& args) {
    const size_t ndim = args.rows_shape.size();
    const auto axes =
        make_loop<2>(args.rows_shape, {args.x_strides.first(ndim), args.offset_strides});
    std::map<int32_t, int64_t> numbers;
    LoopIterator<2> at(axes);
    for (int64_t row = 0, count = loop_size(axes); row < count; ++row, at.next()) {
      const int32_t offset = args.offset[at.offset(1)];
      auto [entry, is_new] = numbers.try_emplace(offset, int64_t(offsets.size()));
      if (is_new) offsets.push_back(offset);
      begins.push_back(at.offset(0));
      offset_numbers.push_back(entry->second);
    }
  }
};

/// Cosines and sines of reduced angles, within the kernels' accuracy.
void cosines_and_sines(const double* angles, int64_t count, double* cosines, double* sines) {
  for (int64_t i = 0; i < count; ++i) {
    cosines[i] = std::cos(angles[i]);
    sines[i] = std::sin(angles[i]);
  }
}
void cosines_and_sines(const double* angles, int64_t count, float* cosines, float* sines) {
  static const auto cosine = find_float_function_kernel(ElementwiseOp::Cos);
  static const auto sine = find_float_function_kernel(ElementwiseOp::Sin);
  for (int64_t i = 0; i < count; ++i) sines[i] = float(angles[i]);
  cosine(sines, nullptr, nullptr, cosines, size_t(count));
  sine(sines, nullptr, nullptr, sines, size_t(count));
}

/// For each distinct offset and each position, dims / 2 cosines and then as many sines.
template <typename W>
void fill_table(const RopeArgs& args, const Rows& rows, W* table) {
  const int64_t half = args.dims / 2;
  const double circle = 2 * 3.14159265358979323846;
  parallel_for(rows.offsets.size() * size_t(args.length), grain_of(8 * half),
               [&](size_t begin, size_t end) {
                 std::vector<double> angles(static_cast<size_t>(half));
                 for (size_t i = begin; i < end; ++i) {
                   const int64_t number = int64_t(i) / args.length, t = int64_t(i) % args.length;
                   const double position = (double(rows.offsets[size_t(number)]) + double(t)) *
                                           (args.inverse ? -args.scale : args.scale);
                   // Far positions keep their accuracy, for the circle is taken off in float64.
                   for (int64_t k = 0; k < half; ++k) {
                     const double angle = position / args.frequencies[k];
                     angles[size_t(k)] = angle - circle * std::rint(angle / circle);
                   }
                   W* cosines = table + int64_t(i) * args.dims;
                   cosines_and_sines(angles.data(), half, cosines, cosines + half);
                 }
               });
}

template <typename W>
void turn_halves(const W* x, int64_t half, const W* cosines, const W* sines, W* out) {
  for (int64_t k = 0; k < half; ++k) {
    const W a = x[k], b = x[k + half];
    out[k] = a * cosines[k] - b * sines[k];
    out[k + half] = a * sines[k] + b * cosines[k];
  }
}

template <typename W>
void turn_neighbours(const W* x, int64_t half, const W* cosines, const W* sines, W* out) {
  for (int64_t k = 0; k < half; ++k) {
    const W a = x[2 * k], b = x[2 * k + 1];
    out[2 * k] = a * cosines[k] - b * sines[k];
    out[2 * k + 1] = a * sines[k] + b * cosines[k];
  }
}

template <typename T>
void turn(const RopeArgs& args) {
  using W = Wide<T>;
  const Rows rows(args);
  const int64_t n = args.features, half = args.dims / 2, length = args.length;
  const int64_t step = args.x_strides[args.rows_shape.size()], stride = args.x_strides.back();
  Scratch<W> table(int64_t(rows.offsets.size()) * length * args.dims);
  fill_table(args, rows, table.data());
  parallel_for(rows.begins.size() * size_t(length), grain_of(n), [&](size_t begin, size_t end) {
    Scratch<T> gathered(stride == 1 ? 0 : n);
    Scratch<W> in(n), result(n);
    for (size_t i = begin; i < end; ++i) {
      const size_t row = i / size_t(length);
      const int64_t t = int64_t(i) % length;
      const T* x = static_cast<const T*>(args.x) + rows.begins[row] + t * step;
      if (stride != 1) {
        for (int64_t k = 0; k < n; ++k) gathered.data()[k] = x[k * stride];
        x = gathered.data();
      }
      T* out = static_cast<T*>(args.out) + int64_t(i) * n;
      const W* cosines = table.data() + (rows.offset_numbers[row] * length + t) * args.dims;
      widen(x, args.dims, in.data());
      (args.traditional ? turn_neighbours<W> : turn_halves<W>)(in.data(), half, cosines,
                                                               cosines + half, result.data());
      narrow(result.data(), args.dims, out);
      std::copy(x + args.dims, x + n, out + args.dims);
    }
  });
}

}  // namespace

void rope(const RopeArgs& args) {
  dispatch_float(args.dtype, [&](auto tag) { turn<typename decltype(tag)::type>(args); });
}

}  // namespace mlx::core::cpu
