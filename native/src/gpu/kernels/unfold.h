// The windows of a convolution as rows of a matrix, so that it becomes a product.
#include "gpu/kernels/convert.h"
#include "gpu/kernels/pack.h"

template <int dims>
struct UnfoldArguments {
  /// Packs to write, packs of the group's channels, and the first row.
  int64_t count, channels, first_row;
  /// Of the input: batch, channel, spatial axes.
  int64_t batch_stride, channel_stride;
  int64_t strides[dims], sizes[dims];
  int64_t out_sizes[dims], kernel_sizes[dims];
  int64_t window_strides[dims], padding[dims], kernel_dilation[dims], input_dilation[dims];
  int64_t flip;
};

/// y[row, kernel..., c] = x[n, o * stride + k * dilation - padding, c], 0 outside, where a row is
/// (n, o...); packs of neighbouring channels move at once. Between neighbours of a dilated input
/// there are zeros.
template <typename T, int pack, typename Index, int dims>
inline void unfold(device const T* x, device T* y, constant UnfoldArguments<dims>& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  // Divisions of narrow numbers are several times as fast.
  Index rest = Index(number) / Index(p.channels);
  const int64_t channel = int64_t(Index(number) - rest * Index(p.channels));
  int64_t kernel_at[dims];
  for (int d = dims - 1; d >= 0; --d) {
    const Index size = Index(p.kernel_sizes[d]), next = rest / size;
    kernel_at[d] = int64_t(rest - next * size);
    if (p.flip) kernel_at[d] = p.kernel_sizes[d] - 1 - kernel_at[d];
    rest = next;
  }
  rest += Index(p.first_row);
  bool inside = true;
  int64_t from = channel * pack * p.channel_stride;
  for (int d = dims - 1; d >= 0; --d) {
    const Index size = Index(p.out_sizes[d]), next = rest / size;
    const int64_t o = int64_t(rest - next * size);
    rest = next;
    const int64_t i = o * p.window_strides[d] + kernel_at[d] * p.kernel_dilation[d] - p.padding[d];
    int64_t at = i;
    if (p.input_dilation[d] != 1) at = i / p.input_dilation[d];
    inside = inside && i >= 0 && at * p.input_dilation[d] == i && at < p.sizes[d];
    from += at * p.strides[d];
  }
  from += int64_t(rest) * p.batch_stride;
  store_pack<pack>(y, number * pack,
                   inside ? load_pack<pack>(x, from) : splat_pack<pack>(convert<T>(uint8_t(0))));
}
