#include "gpu/conv.h"

#include <algorithm>
#include <vector>

#include "gpu/copy.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "gpu/matmul.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256;
// Of the matrix of windows that is in memory at once.
constexpr int64_t most_window_bytes = int64_t(256) << 20;

int64_t product(std::span<const int32_t> shape) {
  int64_t size = 1;
  for (auto n : shape) size *= n;
  return size;
}

std::vector<int64_t> row_major(std::span<const int32_t> shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) strides[d] = stride;
  return strides;
}

/// The place itself, or a row-contiguous copy.
Place contiguous(Commands& commands, const StridedPlace& from) {
  auto strides = row_major(from.shape);
  if (std::equal(strides.begin(), strides.end(), from.strides.begin())) return from.place;
  auto bytes = size_t(product(from.shape)) * size_t(item_size(from.dtype));
  Place to{commands.scratch(std::max<size_t>(bytes, 1))};
  copy(commands, from, from.dtype, to, strides);
  return to;
}

/// The windows of the input, some rows at a time.
class Windows {
 public:
  Windows(Commands& commands, const StridedPlace& input, const ConvGeometry& geometry,
          std::span<const int32_t> output_shape, std::span<const int32_t> weight_shape)
      : commands_(commands),
        input_(input),
        geometry_(geometry),
        out_sizes_(output_shape.subspan(1, output_shape.size() - 2)),
        kernel_sizes_(weight_shape.subspan(1, weight_shape.size() - 2)),
        channels_(weight_shape.back()) {
    columns_ = product(kernel_sizes_) * channels_;
    rows_ = output_shape[0] * product(out_sizes_);
    int64_t row_bytes = std::max<int64_t>(columns_ * item_size(input.dtype), 1);
    rows_at_once_ =
        std::clamp<int64_t>(most_window_bytes / row_bytes, 1, std::max<int64_t>(rows_, 1));
    memory_ = {commands.scratch(size_t(rows_at_once_ * row_bytes))};
  }

  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  int64_t rows_at_once() const { return rows_at_once_; }

  /// Rows [first, first + count) for a group's channels.
  Place unfold(int64_t group, int64_t first, int64_t count) const {
    auto dims = out_sizes_.size();
    auto type = type_name(input_.dtype);
    Place from =
        input_.place.moved(group * channels_ * input_.strides.back() * item_size(input_.dtype));
    int pack = 16 / item_size(input_.dtype);
    while (pack > 1 && !fits(from, pack)) pack /= 2;
    int64_t packs = count * columns_ / pack;
    bool is_wide = packs > INT32_MAX || first + count > INT32_MAX;
    auto call =
        concat_text("unfold<", type, ", ", pack, ", ", is_wide ? "ulong" : "uint", ", ", dims, ">");
    auto& kernel = commands_.kernels().get(call, [&] {
      Entry entry(Entry::name("unfold", call), threads);
      entry.input(type, "x")
          .output(type, "y")
          .value(concat_text("UnfoldArguments<", dims, ">"), "p")
          .body("  " + call + "(x, y, p, g);\n");
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"unfold"}));
    });
    SmallVector<int64_t, 64> numbers{packs, channels_ / pack, first, input_.strides[0],
                                     input_.strides.back()};
    auto add = [&](auto list) {
      for (auto value : list) numbers.push_back(value);
    };
    add(input_.strides.subspan(1, dims));
    add(input_.shape.subspan(1, dims));
    add(out_sizes_);
    add(kernel_sizes_);
    add(geometry_.stride);
    add(geometry_.padding_low);
    add(geometry_.kernel_dilation);
    add(geometry_.input_dilation);
    numbers.push_back(geometry_.flip);
    Argument arguments[] = {from.read(), memory_.write(),
                            Argument(numbers.data(), numbers.size() * sizeof(int64_t))};
    if (packs > 0)
      commands_.launch(kernel, {uint64_t((packs + threads - 1) / threads)}, {threads}, arguments);
    return memory_;
  }

 private:
  /// Whether channels can be read that many at once.
  bool fits(Place from, int pack) const {
    bool fits = input_.strides.back() == 1 && channels_ % pack == 0 &&
                from.byte_offset % size_t(pack * item_size(input_.dtype)) == 0;
    for (size_t d = 0; d + 1 < input_.strides.size(); ++d)
      fits = fits && input_.strides[d] % pack == 0;
    return fits;
  }

  Commands& commands_;
  StridedPlace input_;
  const ConvGeometry& geometry_;
  std::span<const int32_t> out_sizes_, kernel_sizes_;
  int64_t channels_, columns_, rows_, rows_at_once_;
  Place memory_;
};

}  // namespace

void conv_forward(Commands& commands, const StridedPlace& input, const StridedPlace& weight,
                  const ConvGeometry& geometry, std::span<const int32_t> output_shape,
                  Place output) {
  if (product(output_shape) == 0) return;
  Windows windows(commands, input, geometry, output_shape, weight.shape);
  Place kernels = contiguous(commands, weight);
  int64_t outputs = output_shape.back(), own = outputs / geometry.groups, k = windows.columns();
  int64_t width = item_size(input.dtype);
  for (int64_t group = 0; group < geometry.groups; ++group)
    for (int64_t first = 0; first < windows.rows(); first += windows.rows_at_once()) {
      int64_t count = std::min(windows.rows_at_once(), windows.rows() - first);
      MatmulArgs args{};
      args.dtype = input.dtype;
      args.m = count;
      args.n = own;
      args.k = k;
      args.a = {windows.unfold(group, first, count), k, 1, {}};
      args.b = {kernels.moved(group * own * k * width), 1, k, {}};
      args.d = output.moved((first * outputs + group * own) * width);
      args.d_row_stride = outputs;
      matmul(commands, args);
    }
}

void conv_weight_gradient(Commands& commands, const StridedPlace& input,
                          const StridedPlace& cotangent, const ConvGeometry& geometry,
                          std::span<const int32_t> weight_shape, Place weight_gradient) {
  if (product(weight_shape) == 0) return;
  Windows windows(commands, input, geometry, cotangent.shape, weight_shape);
  Place outer = contiguous(commands, cotangent);
  int64_t outputs = cotangent.shape.back(), own = outputs / geometry.groups, k = windows.columns();
  int64_t width = item_size(input.dtype);
  for (int64_t group = 0; group < geometry.groups; ++group) {
    int64_t first = 0;
    // Without rows the gradient is the empty product, zeros.
    do {
      int64_t count = std::min(windows.rows_at_once(), windows.rows() - first);
      MatmulArgs args{};
      args.dtype = input.dtype;
      args.m = own;
      args.n = k;
      args.k = count;
      args.a = {outer.moved((first * outputs + group * own) * width), 1, outputs, {}};
      args.b = {windows.unfold(group, first, count), k, 1, {}};
      args.d = weight_gradient.moved(group * own * k * width);
      if (first > 0) args.c = {args.d, k, 1, {}};
      matmul(commands, args);
      first += count;
    } while (first < windows.rows());
  }
}

}  // namespace mlx::core::gpu
