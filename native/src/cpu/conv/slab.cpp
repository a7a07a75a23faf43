#include "cpu/conv/slab.h"

#include <algorithm>

#include "cpu/matmul/pack.h"

namespace mlx::core::cpu {
namespace {

/// The part [begin, end) of a slab's extent along an axis that lies in the input.
struct Inside {
  int64_t begin, end, first;

  Inside(const AxisPhase& axis, int64_t box_begin, int64_t extent, int64_t size) {
    first = axis.first_input + box_begin * axis.stride * axis.input_step;
    begin = first >= 0 ? 0 : (-first + axis.input_step - 1) / axis.input_step;
    begin = std::min(begin, extent);
    end = first >= size ? 0 : (size - first + axis.input_step - 1) / axis.input_step;
    end = std::clamp(end, begin, extent);
  }
};

template <typename T>
void copy_pixels(const T* from, int64_t pixel_stride, int64_t channel_stride, int64_t pixels,
                 const SlabChannels& channels, Wide<T>* to) {
  if (channels.repeats == 1 && channels.padded == channels.count) {
    if (channels.count == 1) return copy_run(from, pixel_stride, pixels, to);
    if (channel_stride == 1 && pixel_stride == channels.count)
      return copy_run(from, 1, pixels * channels.count, to);
    for (int64_t i = 0; i < pixels; ++i)
      copy_run(from + i * pixel_stride, channel_stride, channels.count, to + i * channels.count);
    return;
  }
  for (int64_t i = 0; i < pixels; ++i, to += channels.padded) {
    const T* pixel = from + i * pixel_stride;
    if (channels.repeats == 1) {
      copy_run(pixel, channel_stride, channels.count, to);
    } else {
      for (int64_t c = 0; c < channels.count; ++c)
        std::fill_n(to + c * channels.repeats, channels.repeats,
                    Wide<T>(pixel[c * channel_stride]));
    }
    const int64_t filled = channels.count * channels.repeats;
    std::fill_n(to + filled, channels.padded - filled, Wide<T>(0));
  }
}

}  // namespace

template <typename T>
void copy_run(const T* from, int64_t stride, int64_t count, Wide<T>* to) {
  if constexpr (std::is_integral_v<T>)
    for (int64_t i = 0; i < count; ++i) to[i] = from[i * stride];
  else
    gather_run(from, stride, count, to);
}

template <typename T>
void copy_slab(const ConvInput<T>& input, const Phase& phase, const Box& box,
               const SlabChannels& channels, Wide<T>* slab) {
  const Inside plane(phase[0], box.begin[1], box.slab[1], input.size[0]);
  const Inside row(phase[1], box.begin[2], box.slab[2], input.size[1]);
  const Inside column(phase[2], box.begin[3], box.slab[3], input.size[2]);
  const auto& strides = input.strides;
  const int64_t pixel_stride = phase[2].input_step * strides[3];
  const T* images = input.data + channels.first * strides[4];
  auto fill = [&](int64_t pixels) {
    slab = std::fill_n(slab, pixels * channels.padded, Wide<T>(0));
  };
  for (int64_t n = box.begin[0]; n < box.begin[0] + box.slab[0]; ++n) {
    for (int64_t i = 0; i < box.slab[1]; ++i) {
      for (int64_t j = 0; j < box.slab[2]; ++j) {
        if (i < plane.begin || i >= plane.end || j < row.begin || j >= row.end ||
            column.begin == column.end) {
          fill(box.slab[3]);
          continue;
        }
        const int64_t at = n * strides[0] + (plane.first + i * phase[0].input_step) * strides[1] +
                           (row.first + j * phase[1].input_step) * strides[2] +
                           (column.first + column.begin * phase[2].input_step) * strides[3];
        const int64_t pixels = column.end - column.begin;
        fill(column.begin);
        copy_pixels(images + at, pixel_stride, strides[4], pixels, channels, slab);
        slab += pixels * channels.padded;
        fill(box.slab[3] - column.end);
      }
    }
  }
}

#define INSTANTIATE(T)                                                                        \
  template void copy_run(const T*, int64_t, int64_t, Wide<T>*);                               \
  template void copy_slab(const ConvInput<T>&, const Phase&, const Box&, const SlabChannels&, \
                          Wide<T>*);
INSTANTIATE(bool)
INSTANTIATE(uint8_t)
INSTANTIATE(uint16_t)
INSTANTIATE(uint32_t)
INSTANTIATE(uint64_t)
INSTANTIATE(int8_t)
INSTANTIATE(int16_t)
INSTANTIATE(int32_t)
INSTANTIATE(int64_t)
INSTANTIATE(float16_t)
INSTANTIATE(bfloat16_t)
INSTANTIATE(float)
INSTANTIATE(double)
INSTANTIATE(complex64_t)
#undef INSTANTIATE

}  // namespace mlx::core::cpu
