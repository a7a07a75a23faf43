// The windows of a convolution as rows of a matrix, so that it becomes a product.
#include "gpu/kernels/convert.h"

template <int dims>
struct UnfoldArguments {
  /// Elements to write, channels of the group, and the first row.
  int64_t count, channels, first_row;
  /// Of the input: batch, channel, spatial axes.
  int64_t batch_stride, channel_stride;
  int64_t strides[dims], sizes[dims];
  int64_t out_sizes[dims], kernel_sizes[dims];
  int64_t window_strides[dims], padding[dims], kernel_dilation[dims], input_dilation[dims];
  int64_t flip;
};

/// y[row, kernel..., c] = x[n, o * stride + k * dilation - padding, c], 0 outside, where a row is
/// (n, o...). Between neighbours of a dilated input there are zeros.
template <typename T, int dims>
inline void unfold(device const T* x, device T* y, constant UnfoldArguments<dims>& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  int64_t rest = number / p.channels;
  const int64_t channel = number - rest * p.channels;
  int64_t kernel_at[dims];
  for (int d = dims - 1; d >= 0; --d) {
    const int64_t next = rest / p.kernel_sizes[d];
    kernel_at[d] = rest - next * p.kernel_sizes[d];
    if (p.flip) kernel_at[d] = p.kernel_sizes[d] - 1 - kernel_at[d];
    rest = next;
  }
  rest += p.first_row;
  bool inside = true;
  int64_t from = channel * p.channel_stride;
  for (int d = dims - 1; d >= 0; --d) {
    const int64_t next = rest / p.out_sizes[d], o = rest - next * p.out_sizes[d];
    rest = next;
    const int64_t i = o * p.window_strides[d] + kernel_at[d] * p.kernel_dilation[d] - p.padding[d];
    const int64_t at = i / p.input_dilation[d];
    inside = inside && i >= 0 && at * p.input_dilation[d] == i && at < p.sizes[d];
    from += at * p.strides[d];
  }
  y[number] = inside ? x[from + rest * p.batch_stride] : convert<T>(uint8_t(0));
}
