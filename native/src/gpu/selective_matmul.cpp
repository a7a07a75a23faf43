#include "gpu/selective_matmul.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256, simd_width = 32;

/// The matrices of a batch, row-major one after another, with zeros where the mask says.
void mask_blocks(Commands& commands, const MatmulArgs& args, const MatrixPlace& matrix,
                 int64_t rows, int64_t columns, const MatrixPlace& mask, int64_t block, Place out) {
  int64_t count = rows * columns;
  for (int n : args.batch_shape) count *= n;
  if (count == 0) return;
  const auto dims = std::max<size_t>(args.batch_shape.size(), 1);
  auto type = type_name(args.dtype);
  auto call = concat_text("mask_blocks<", dims, ">");
  auto& kernel = commands.kernels().get(call + type, [&] {
    Entry entry(Entry::name("mask_blocks", call + type), threads);
    entry.input(type, "x")
        .input("bool", "mask")
        .output(type, "y")
        .value(concat_text("BlockMaskArguments<", dims, ">"), "p")
        .body("  " + call + "(x, mask, y, p, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"selective_matmul"}));
  });
  std::vector<int64_t> numbers = {count,
                                  rows,
                                  columns,
                                  block,
                                  matrix.row_stride,
                                  matrix.column_stride,
                                  mask.row_stride,
                                  mask.column_stride};
  auto add = [&](auto list, int64_t otherwise) {
    for (auto n : list) numbers.push_back(n);
    numbers.insert(numbers.end(), dims - list.size(), otherwise);
  };
  add(args.batch_shape, 1);
  add(matrix.batch_strides, 0);
  add(mask.batch_strides, 0);
  Argument arguments[] = {matrix.place.read(),
                          mask.place.read(),
                          out.write(),
                          {numbers.data(), numbers.size() * sizeof(int64_t)}};
  commands.launch(kernel, {uint64_t((count + threads - 1) / threads)}, {threads}, arguments);
}

std::vector<int64_t> dense_batch(std::span<const int32_t> shape, int64_t matrix_size) {
  std::vector<int64_t> strides(shape.size());
  for (size_t d = shape.size(); d-- > 0; matrix_size *= shape[d]) strides[d] = matrix_size;
  return strides;
}

}  // namespace

void block_masked_matmul(Commands& commands, const MatmulArgs& args, const BlockMasks& masks) {
  const auto width = size_t(item_size(args.dtype));
  int64_t count = 1;
  for (int n : args.batch_shape) count *= n;
  auto memory = [&](int64_t rows, int64_t columns) {
    return Place{commands.scratch(std::max<size_t>(size_t(count * rows * columns) * width, 1))};
  };
  Place a = memory(args.m, args.k), b = memory(args.k, args.n), d = memory(args.m, args.n);
  mask_blocks(commands, args, args.a, args.m, args.k, masks.a, masks.block, a);
  mask_blocks(commands, args, args.b, args.k, args.n, masks.b, masks.block, b);
  auto a_batch = dense_batch(args.batch_shape, args.m * args.k);
  auto b_batch = dense_batch(args.batch_shape, args.k * args.n);
  auto d_batch = dense_batch(args.batch_shape, args.m * args.n);
  MatmulArgs product = args;
  product.a = {a, args.k, 1, a_batch};
  product.b = {b, args.n, 1, b_batch};
  product.d = d;
  matmul(commands, product);
  mask_blocks(commands, args, {d, args.n, 1, d_batch}, args.m, args.n, masks.d, masks.block,
              args.d);
}

void segmented_matmul_adjoint(Commands& commands, const SegmentedAdjointArgs& args) {
  const int64_t count = args.m * args.k;
  if (count == 0) return;
  auto type = type_name(args.dtype), index_type = type_name(args.bounds.dtype);
  auto key = concat_text("segmented_adjoint ", type, " ", index_type);
  auto& kernel = commands.kernels().get(key, [&] {
    Entry entry(Entry::name("segmented_adjoint", key), threads);
    entry.input(type, "c")
        .input(type, "b")
        .input(index_type, "bounds")
        .output(type, "y")
        .value("SegmentAdjointArguments", "p")
        .body("  segmented_adjoint(c, b, bounds, y, p, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"selective_matmul"}));
  });
  const int64_t numbers[] = {args.m,
                             args.n,
                             args.k,
                             args.bounds.shape[0],
                             args.c.batch_strides[0],
                             args.c.row_stride,
                             args.c.column_stride,
                             args.b.row_stride,
                             args.b.column_stride,
                             args.bounds.strides[0],
                             args.bounds.strides[1]};
  Argument arguments[] = {args.c.place.read(), args.b.place.read(), args.bounds.place.read(),
                          args.d.write(), Argument::value(numbers)};
  constexpr int simds = threads / simd_width;
  commands.launch(kernel, {uint64_t((count + simds - 1) / simds)}, {threads}, arguments);
}

}  // namespace mlx::core::gpu
