#include "gpu/copy.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "array/dtype_dispatch.h"
#include "evaluation/merged_layout.h"
#include "gpu/elementwise.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256, tile = 32;

ElementwiseProgram cast_program(Dtype::Val from, Dtype::Val to) {
  return {{from}, {{ElementwiseOp::Cast, from, to, {0, 0, 0}}}, {1}};
}

/// Whether the copy is one piece on both sides.
bool copy_flat(Commands& commands, const MergedLayout& layout, Dtype::Val dtype, Place from,
               Place to) {
  if (layout.dims() > 1) return false;
  if (layout.dims() == 1 && (layout.stride(0, 0) != 1 || layout.stride(1, 0) != 1)) return false;
  size_t bytes = layout.size() * size_t(item_size(dtype));
  commands.queue().copy(from.memory, from.byte_offset, to.memory, to.byte_offset, bytes);
  return true;
}

/// What is written lies side by side along the last dimension, and what is read along another one.
bool copy_by_tiles(Commands& commands, const MergedLayout& layout, Dtype::Val dtype, Place from,
                   Place to) {
  int last = layout.dims() - 1, along = -1;
  if (last < 1 || layout.stride(1, last) != 1 || layout.shape(last) < tile / 2) return false;
  for (int d = 0; d < last; ++d)
    if (layout.stride(0, d) == 1 && layout.shape(d) >= tile / 2) along = d;
  if (along < 0) return false;
  int64_t rows = layout.shape(along), columns = layout.shape(last), matrices = 1;
  SmallVector<int64_t, 32> numbers{rows, columns, layout.stride(0, last), layout.stride(1, along)};
  SmallVector<int64_t, 8> shape, x_outer, y_outer;
  for (int d = 0; d < last; ++d) {
    if (d == along) continue;
    matrices *= layout.shape(d);
    shape.push_back(layout.shape(d));
    x_outer.push_back(layout.stride(0, d));
    y_outer.push_back(layout.stride(1, d));
  }
  if (shape.empty()) {
    shape.push_back(1);
    x_outer.push_back(0);
    y_outer.push_back(0);
  }
  auto& limits = commands.device().limits();
  if (uint64_t(matrices) > limits.max_groups[2] ||
      uint64_t((rows + tile - 1) / tile) > limits.max_groups[1])
    return false;
  for (auto* list : {&shape, &x_outer, &y_outer})
    for (auto value : *list) numbers.push_back(value);
  // Only bytes move: one type for each width.
  static constexpr const char* types[] = {"uint8_t", "uint16_t", "", "uint32_t",
                                          "",        "",         "", "uint64_t"};
  auto type = types[item_size(dtype) - 1];
  auto call = concat_text("transpose_tiles<", type, ", ", shape.size(), ">");
  auto& kernel = commands.kernels().get(call, [&] {
    Entry entry(Entry::name("transpose", call), threads);
    entry.input(type, "x")
        .output(type, "y")
        .value(concat_text("TransposeArguments<", shape.size(), ">"), "p")
        .shared(type, "tile", tile * (tile + 1))
        .body("  " + call + "(x, y, p, tile, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"transpose"}));
  });
  Argument arguments[] = {from.read(), to.write(),
                          Argument(numbers.data(), numbers.size() * sizeof(int64_t))};
  Size3 groups{uint64_t((columns + tile - 1) / tile), uint64_t((rows + tile - 1) / tile),
               uint64_t(matrices)};
  commands.launch(kernel, groups, {threads}, arguments);
  return true;
}

/// The integer that a float64 is cut off to, or the nearest one there is; NaN gives 0.
template <typename T>
T saturate(double value) {
  using Limits = std::numeric_limits<T>;
  if (std::isnan(value)) return 0;
  if (value <= double(Limits::min())) return Limits::min();
  if (value >= std::ldexp(1.0, Limits::digits)) return Limits::max();
  return T(value);
}

struct TwoFloats {
  float high, low;
};
TwoFloats split(double value) {
  auto high = float(value);
  return {high, std::isfinite(high) ? float(value - double(high)) : 0.0f};
}

}  // namespace

void copy(Commands& commands, const StridedPlace& from, Dtype::Val to_dtype, Place to,
          std::span<const int64_t> to_strides) {
  const std::span<const int64_t> strides[] = {from.strides, to_strides};
  if (from.dtype == to_dtype) {
    MergedLayout layout(from.shape, strides);
    if (layout.size() == 0 || copy_flat(commands, layout, to_dtype, from.place, to) ||
        copy_by_tiles(commands, layout, to_dtype, from.place, to))
      return;
  }
  auto program = cast_program(from.dtype, to_dtype);
  ElementwiseOperand input{from.place, from.strides}, output{to, to_strides};
  run_elementwise(commands, program, from.shape, {&input, 1}, {&output, 1});
}

void fill(Commands& commands, Dtype::Val dtype, const void* value, Place to,
          std::span<const int32_t> shape, std::span<const int64_t> strides) {
  auto program = cast_program(dtype, dtype);
  ElementwiseOperand input{{}, {}, value}, output{to, strides};
  run_elementwise(commands, program, shape, {&input, 1}, {&output, 1});
}

void arange(Commands& commands, Dtype::Val dtype, double start, double step, int64_t count,
            Place to) {
  if (count == 0) return;
  bool is_float = is_half(dtype) || dtype == Dtype::Val::float32 || dtype == Dtype::Val::complex64;
  auto type = type_name(dtype);
  auto range = is_float ? "FloatRange" : "IntegerRange";
  auto call = concat_text("arange<", type, ", ", range, ">");
  auto& kernel = commands.kernels().get(call, [&] {
    Entry entry(Entry::name("arange", call), threads);
    entry.output(type, "y").value(range, "p").body("  " + call + "(y, p, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"arange"}));
  });
  struct {
    int64_t count;
    TwoFloats start, step;
  } floats{count, split(start), split(step)};
  struct {
    int64_t count, start, step;
  } integers{count, 0, 0};
  if (!is_float) {
    integers.start = dispatch_integral(
        dtype, [&](auto tag) { return int64_t(saturate<typename decltype(tag)::type>(start)); });
    // A negative step wraps rightly for unsigned types when it goes through int64.
    integers.step = step < 0 ? saturate<int64_t>(step) : int64_t(saturate<uint64_t>(step));
  }
  Argument arguments[] = {to.write(),
                          is_float ? Argument::value(floats) : Argument::value(integers)};
  commands.launch(kernel, {uint64_t((count + threads - 1) / threads)}, {threads}, arguments);
}

void eye(Commands& commands, Dtype::Val dtype, int64_t rows, int64_t columns, int64_t diagonal,
         Place to) {
  int width = item_size(dtype);
  if (rows * columns == 0) return;
  // Zero has no bits in any dtype.
  commands.queue().fill(to.memory, to.byte_offset, 0, 1, size_t(rows * columns * width));
  int64_t first = std::max<int64_t>(0, -diagonal), last = std::min(rows, columns - diagonal);
  if (first >= last) return;
  const bool one = true;
  auto program = cast_program(Dtype::Val::bool_, dtype);
  const int32_t shape[] = {int32_t(last - first)};
  const int64_t strides[] = {columns + 1};
  ElementwiseOperand input{{}, {}, &one},
      output{to.moved((first * (columns + 1) + diagonal) * width), strides};
  run_elementwise(commands, program, shape, {&input, 1}, {&output, 1});
}

}  // namespace mlx::core::gpu
