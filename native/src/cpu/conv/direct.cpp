#include <algorithm>

#include "array/dtype_dispatch.h"
#include "cpu/conv/geometry.h"
#include "cpu/elementwise/scalar_ops.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

template <typename T>
T multiply_add(T sum, T a, T b) {
  if constexpr (is_complex_v<T>)
    return complex64_t(sum + a * b);
  else
    return scalar::Add::apply(sum, scalar::Multiply::apply(a, b));
}

/// The absent leading axes are never used with an index but 0.
int64_t spatial_stride(const StridedInput& a, int axis) {
  size_t axes = a.strides.size() - 2;
  return size_t(axis) + axes < 3 ? 0 : a.strides[size_t(axis) + axes - 2];
}

template <typename T>
void convolve(const StridedInput& input, const StridedInput& weight, const Geometry& g, T* out) {
  auto* x = static_cast<const T*>(input.data);
  auto* w = static_cast<const T*>(weight.data);
  int64_t x_stride[3], w_stride[3];
  for (int d = 0; d < 3; ++d) {
    x_stride[d] = spatial_stride(input, d);
    w_stride[d] = spatial_stride(weight, d);
  }
  int64_t work = g.taps() * g.group_channels * g.outputs;
  size_t grain = size_t(std::max<int64_t>(1, (1 << 18) / std::max<int64_t>(work, 1)));

  auto pixel = [&](int64_t index, T* sums) {
    int64_t position[3], rest = index;
    for (int d = 2; d >= 0; --d) {
      position[d] = rest % g.output[d];
      rest /= g.output[d];
    }
    const T* image = x + rest * input.strides.front();
    std::fill_n(sums, g.outputs, T(0));
    for (int64_t tap = 0; tap < g.taps(); ++tap) {
      int64_t k[3] = {tap / (g.kernel[1] * g.kernel[2]), tap / g.kernel[2] % g.kernel[1],
                      tap % g.kernel[2]};
      int64_t from = 0, weight_from = 0;
      bool inside = true;
      for (int d = 0; d < 3 && inside; ++d) {
        int64_t i = g.input_index(d, position[d], k[d]);
        inside = i >= 0;
        from += i * x_stride[d];
        weight_from += k[d] * w_stride[d];
      }
      if (!inside) continue;
      for (int64_t o = 0; o < g.outputs; ++o) {
        const T* line = w + o * weight.strides.front() + weight_from;
        const T* channels =
            image + from + o / g.group_outputs * g.group_channels * input.strides.back();
        for (int64_t c = 0; c < g.group_channels; ++c)
          sums[o] = multiply_add(sums[o], channels[c * input.strides.back()],
                                 line[c * weight.strides.back()]);
      }
    }
  };
  parallel_for(size_t(g.output_pixels()), grain, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) pixel(int64_t(i), out + int64_t(i) * g.outputs);
  });
}

template <typename T>
void correlate(const StridedInput& input, const StridedInput& cotangent, const Geometry& g,
               T* out) {
  auto* x = static_cast<const T*>(input.data);
  auto* dy = static_cast<const T*>(cotangent.data);
  auto one = [&](int64_t index) {
    int64_t c = index % g.group_channels, tap = index / g.group_channels % g.taps();
    int64_t o = index / g.group_channels / g.taps();
    int64_t channel = o / g.group_outputs * g.group_channels + c;
    int64_t k[3] = {tap / (g.kernel[1] * g.kernel[2]), tap / g.kernel[2] % g.kernel[1],
                    tap % g.kernel[2]};
    T sum(0);
    for (int64_t pixel = 0; pixel < g.output_pixels(); ++pixel) {
      int64_t rest = pixel, from = 0, place = 0;
      bool inside = true;
      for (int d = 2; d >= 0; --d) {
        int64_t position = rest % g.output[d], i = g.input_index(d, position, k[d]);
        rest /= g.output[d];
        inside &= i >= 0;
        from += i * spatial_stride(input, d);
        place += position * spatial_stride(cotangent, d);
      }
      if (!inside) continue;
      sum =
          multiply_add(sum, x[rest * input.strides.front() + from + channel * input.strides.back()],
                       dy[rest * cotangent.strides.front() + place + o * cotangent.strides.back()]);
    }
    out[index] = sum;
  };
  int64_t work = std::max<int64_t>(g.output_pixels(), 1);
  size_t grain = size_t(std::max<int64_t>(1, (1 << 16) / work));
  parallel_for(size_t(g.outputs * g.taps() * g.group_channels), grain,
               [&](size_t begin, size_t end) {
                 for (size_t i = begin; i < end; ++i) one(int64_t(i));
               });
}

/// Calls run with the element type; halves have a way of their own, which rounds once.
template <typename F>
void dispatch_direct(Dtype dtype, F run) {
  dispatch_dtype(dtype, [&](auto tag) {
    if constexpr (!is_half_v<typename decltype(tag)::type>) run(tag);
  });
}

}  // namespace

void conv_direct(const StridedInput& input, const StridedInput& weight, const Geometry& geometry,
                 const StridedOutput& output) {
  dispatch_direct(output.dtype, [&](auto tag) {
    convolve(input, weight, geometry, static_cast<typename decltype(tag)::type*>(output.data));
  });
}

void weight_gradient_direct(const StridedInput& input, const StridedInput& cotangent,
                            const Geometry& geometry, const StridedOutput& gradient) {
  dispatch_direct(gradient.dtype, [&](auto tag) {
    correlate(input, cotangent, geometry,
              static_cast<typename decltype(tag)::type*>(gradient.data));
  });
}

}  // namespace mlx::core::cpu
