#include "cpu/selective_matmul/segmented_gemm.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/copy/copy.h"
#include "cpu/matmul/scratch.h"
#include "cpu/selective_matmul/parts.h"
#include "mlx/errors.h"

namespace mlx::core::cpu {
namespace {

int64_t mean_size(std::span<const Segment> segments) {
  int64_t total = 0;
  for (auto& segment : segments) total += segment.size();
  return segments.empty() ? 0 : total / int64_t(segments.size());
}

bool are_disjoint(std::span<const Segment> segments) {
  std::vector<Segment> sorted;
  for (auto& segment : segments)
    if (segment.size() > 0) sorted.push_back(segment);
  std::sort(sorted.begin(), sorted.end(),
            [](const Segment& a, const Segment& b) { return a.begin < b.begin; });
  for (size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i].begin < sorted[i - 1].end) return false;
  return true;
}

}  // namespace

void read_segment_bounds(Dtype dtype, const void* data, int64_t step, int64_t count, int64_t k,
                         int64_t* bounds) {
  dispatch_integral(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    auto values = static_cast<const T*>(data);
    for (int64_t i = 0; i < count; ++i) {
      T value = values[i * step];
      // Huge unsigned bounds must not turn negative.
      bool fits = std::is_signed_v<T> || uint64_t(value) <= uint64_t(k);
      int64_t bound = int64_t(value) + (fits && value < T(0) ? k : 0);
      if (!fits || bound < 0 || bound > k)
        throw EngineError("[segmented_mm] The bound " + std::to_string(value) +
                          " of a segment is out of range for an axis of size " + std::to_string(k) +
                          ".");
      bounds[i] = bound;
    }
  });
}

void segmented_gemm(const SegmentedGemmArgs& args) {
  size_t itemsize = size_of(args.dtype);
  auto multiply = [&](int64_t i) {
    const Segment& segment = args.segments[size_t(i)];
    GemmOperand a = args.a, b = args.b;
    a.data = element(a.data, segment.begin * a.column_stride, itemsize);
    b.data = element(b.data, segment.begin * b.row_stride, itemsize);
    gemm({.dtype = args.dtype,
          .m = args.m,
          .n = args.n,
          .k = segment.size(),
          .a = a,
          .b = b,
          .d = element(static_cast<char*>(args.d), i * args.m * args.n, itemsize),
          .d_row_stride = args.n});
  };
  run_products(int64_t(args.segments.size()), args.m * args.n * mean_size(args.segments), multiply);
}

void segmented_gemm_adjoint(const SegmentedGemmAdjointArgs& args) {
  size_t itemsize = size_of(args.dtype);
  auto d = static_cast<char*>(args.d);
  if (args.m == 0 || args.k == 0) return;
  std::memset(d, 0, size_t(args.m * args.k) * itemsize);
  auto product = [&](int64_t i) {
    const Segment& segment = args.segments[size_t(i)];
    GemmOperand c = args.c;
    c.data = element(c.data, i * c.batch_strides[0], itemsize);
    c.batch_strides = {};
    return GemmArgs{.dtype = args.dtype,
                    .m = args.m,
                    .n = segment.size(),
                    .k = args.n,
                    .a = c,
                    .b = {element(args.b.data, segment.begin * args.b.row_stride, itemsize),
                          args.b.column_stride,
                          args.b.row_stride,
                          {}},
                    .d = element(d, segment.begin, itemsize),
                    .d_row_stride = args.k};
  };
  int64_t count = int64_t(args.segments.size());
  if (are_disjoint(args.segments))
    return run_products(count, args.m * args.n * mean_size(args.segments),
                        [&](int64_t i) { gemm(product(i)); });
  for (int64_t i = 0; i < count; ++i) {
    GemmArgs added = product(i);
    if (added.n == 0) continue;
    // The product must not overlap what it is added to.
    Scratch<char> sum(args.m * added.n * int64_t(itemsize));
    added.c = {added.d, args.k, 1, {}};
    added.d = sum.data();
    added.d_row_stride = added.n;
    gemm(added);
    const int32_t shape[] = {int32_t(added.m), int32_t(added.n)};
    const int64_t from[] = {added.n, 1}, to[] = {args.k, 1};
    copy_strided(itemsize, shape, sum.data(), from, const_cast<void*>(added.c.data), to);
  }
}

}  // namespace mlx::core::cpu
