#include "cpu/fft/fftn.h"

#include <algorithm>

#include "cpu/fft/fft.h"
#include "cpu/matmul/scratch.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// Slices of at most this many elements stay in the cache from one axis to the next.
constexpr int64_t kMaxSlice = 131072;
// With fewer slices, each is shared between threads.
constexpr int64_t kMinSlices = 8;
constexpr size_t kIn = 0, kOut = 1;

int64_t size_of(std::span<const int32_t> shape) {
  int64_t size = 1;
  for (int32_t n : shape) size *= n;
  return size;
}

SmallVector<int32_t, 6> with_length(std::span<const int32_t> shape, int axis, int64_t length) {
  SmallVector<int32_t, 6> result;
  for (int32_t n : shape) result.push_back(n);
  result[size_t(axis)] = int32_t(length);
  return result;
}

/// The result's length along the last of the axes, which is one of shape's.
int64_t result_length(const AxesTransform& t, std::span<const int32_t> shape, int axis) {
  if (t.to_real) return t.length;
  return t.from_real ? shape[size_t(axis)] / 2 + 1 : shape[size_t(axis)];
}

/// Along one axis after another; the first step scales, and all but it work in place.
void transform_axes(const StridedInput& in, const AxesTransform& t, int first_axis, void* out) {
  const int last = t.axes.back() - first_axis;
  auto others = t.axes.first(t.axes.size() - 1);
  if (t.to_real) {
    if (others.empty())
      return inverse_real_fft(in, last, t.length, t.scale, static_cast<float*>(out));
    Scratch<complex64_t> spectrum(size_of(in.shape));
    auto strides = contiguous_strides(in.shape);
    StridedInput view{spectrum.data(), complex64, in.shape, {strides.data(), strides.size()}};
    for (size_t i = 0; i < others.size(); ++i)
      fft(i == 0 ? in : view, others[i] - first_axis, t.inverse, i == 0 ? t.scale : 1,
          spectrum.data());
    return inverse_real_fft(view, last, t.length, 1, static_cast<float*>(out));
  }
  auto* spectrum = static_cast<complex64_t*>(out);
  if (t.from_real)
    real_fft(in, last, t.scale, spectrum);
  else
    fft(in, last, t.inverse, t.scale, spectrum);
  auto shape = with_length(in.shape, last, result_length(t, in.shape, last));
  auto strides = contiguous_strides({shape.data(), shape.size()});
  StridedInput view{
      spectrum, complex64, {shape.data(), shape.size()}, {strides.data(), strides.size()}};
  for (size_t i = others.size(); i-- > 0;)
    fft(view, others[i] - first_axis, t.inverse, 1, spectrum);
}

}  // namespace

void fftn(const StridedInput& in, const AxesTransform& transform, void* out) {
  // The axes before all transformed ones count slices that have nothing to do with each other.
  auto outer = size_t(*std::ranges::min_element(transform.axes));
  auto slice_shape = in.shape.subspan(outer);
  int64_t slices = size_of(in.shape.first(outer)), slice_size = size_of(slice_shape);
  if (transform.axes.size() == 1 || slices < kMinSlices || slice_size > kMaxSlice)
    return transform_axes(in, transform, 0, out);

  int last = transform.axes.back();
  auto out_shape = with_length(in.shape, last, result_length(transform, in.shape, last));
  auto out_strides = contiguous_strides({out_shape.data(), out_shape.size()});
  auto loop =
      make_loop<2>(in.shape.first(outer), {in.strides.first(outer), {out_strides.data(), outer}});
  const size_t in_width = transform.from_real ? sizeof(float) : sizeof(complex64_t);
  const size_t out_width = transform.to_real ? sizeof(float) : sizeof(complex64_t);
  int64_t grain = std::max<int64_t>(1, kMaxSlice / 4 / std::max<int64_t>(1, slice_size));
  parallel_for(size_t(slices), size_t(grain), [&](size_t begin, size_t end) {
    LoopIterator<2> slice(loop, int64_t(begin));
    for (size_t i = begin; i < end; ++i, slice.next()) {
      auto from = static_cast<const char*>(in.data) + slice.offset(kIn) * int64_t(in_width);
      auto to = static_cast<char*>(out) + slice.offset(kOut) * int64_t(out_width);
      transform_axes({from, in.dtype, slice_shape, in.strides.subspan(outer)}, transform,
                     int(outer), to);
    }
  });
}

}  // namespace mlx::core::cpu
