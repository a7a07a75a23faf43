#include "gpu/normalization.h"

#include <algorithm>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "gpu/reduce.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256, simd_width = 32, pack_bytes = 16;

struct RowArguments {
  int64_t rows, columns;
  float eps;
};

bool is_centred(const NormalizationArgs& args) { return args.kind == NormalizationKind::layer; }
const char* flag(bool value) { return value ? "true" : "false"; }

/// Threads that share a row, and elements that each moves at once.
struct RowShape {
  int lanes, pack, group;

  RowShape(const NormalizationArgs& args, std::initializer_list<Place> places) {
    int width = item_size(args.dtype);
    pack = pack_bytes / width;
    auto fits = [&] {
      return args.columns % pack == 0 && std::all_of(places.begin(), places.end(), [&](Place p) {
               return p.byte_offset % size_t(pack * width) == 0;
             });
    };
    while (pack > 1 && !fits()) pack /= 2;
    int64_t packs = args.columns / pack;
    lanes = packs <= 8 * simd_width ? simd_width : packs <= 8 * threads ? threads : 4 * threads;
    group = std::max(lanes, threads);
  }
  Size3 groups(int64_t rows) const { return {uint64_t((rows * lanes + group - 1) / group)}; }
};

/// A kernel over rows, whose entry `parameters` completes with its buffers.
template <typename Parameters>
const Kernel& row_kernel(Commands& commands, const char* name, const NormalizationArgs& args,
                         const RowShape& shape, const char* buffers, Parameters&& parameters) {
  auto call = concat_text(name, "<", type_name(args.dtype), ", ", shape.lanes, ", ", shape.pack,
                          ", ", flag(is_centred(args)), ">");
  return commands.kernels().get(call, [&] {
    Entry entry(Entry::name(name, call), shape.group);
    parameters(entry, type_name(args.dtype));
    entry.value("NormalizationArguments", "p")
        .shared("TwoFloats", "part", simd_width)
        .body(concat_text("  ", call, "(", buffers, ", p, part, g);\n"));
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"normalization"}));
  });
}

/// Sums over the rows of what each group has left.
void gradient_of_vectors(Commands& commands, const NormalizationArgs& args, Place dy, Place moments,
                         Place d_weight, Place d_bias) {
  struct {
    int64_t rows, columns, chunk, splits;
  } numbers{args.rows, args.columns, 0, 0};
  const int64_t groups = (args.columns + simd_width - 1) / simd_width;
  // Enough groups for all multiprocessors, and a few rows for each of the threads.
  int64_t wanted =
      std::max<int64_t>(int64_t(commands.device().limits().multiprocessors) * 8 / groups, 1);
  numbers.chunk = std::max<int64_t>((args.rows + wanted - 1) / wanted, 64);
  numbers.splits = std::max<int64_t>((args.rows + numbers.chunk - 1) / numbers.chunk, 1);
  const int vectors = is_centred(args) ? 2 : 1;
  Place parts{commands.scratch(size_t(vectors * numbers.splits * args.columns) * sizeof(float))};
  auto type = type_name(args.dtype);
  auto call = concat_text("normalize_gradient_vectors<", type, ", ", flag(is_centred(args)), ">");
  auto& kernel = commands.kernels().get(call, [&] {
    Entry entry(Entry::name("normalize_gradient_vectors", call), threads);
    entry.input(type, "x")
        .input(type, "dy")
        .input("Moments", "moments")
        .output("float", "parts")
        .value("VectorGradientArguments", "p")
        .shared("float", "part", vectors * threads)
        .body("  " + call + "(x, dy, moments, parts, p, part, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"normalization"}));
  });
  Argument arguments[] = {args.x.read(), dy.read(), moments.read(), parts.write(),
                          Argument::value(numbers)};
  commands.launch(kernel, {uint64_t(groups), uint64_t(numbers.splits)}, {threads}, arguments);
  const int32_t shape[] = {int32_t(numbers.splits), int32_t(args.columns)};
  const int64_t strides[] = {args.columns, 1};
  const int axis = 0;
  auto sum = [&](Place from, Place to) {
    reduce(commands, ReduceOp::sum, {from, Dtype::Val::float32, shape, strides}, {&axis, 1},
           args.dtype, to);
  };
  sum(parts, d_weight);
  if (is_centred(args))
    sum(parts.moved(numbers.splits * args.columns * int64_t(sizeof(float))), d_bias);
}

}  // namespace

void normalize(Commands& commands, const NormalizationArgs& args, Place bias, Place out) {
  if (args.rows == 0 || args.columns == 0) return;
  if (!is_centred(args)) bias = args.weight;
  RowShape shape(args, {args.x, args.weight, bias, out});
  auto& kernel = row_kernel(
      commands, "normalize_rows", args, shape, "x, weight, bias, y",
      [](Entry& entry, const char* type) {
        entry.input(type, "x").input(type, "weight").input(type, "bias").output(type, "y");
      });
  RowArguments numbers{args.rows, args.columns, args.eps};
  Argument arguments[] = {args.x.read(), args.weight.read(), bias.read(), out.write(),
                          Argument::value(numbers)};
  commands.launch(kernel, shape.groups(args.rows), {uint64_t(shape.group)}, arguments);
}

void normalize_gradient(Commands& commands, const NormalizationArgs& args, Place dy, Place dx,
                        Place d_weight, Place d_bias) {
  if (args.columns == 0) return;
  Place moments{commands.scratch(size_t(std::max<int64_t>(args.rows, 1)) * 2 * sizeof(float))};
  if (args.rows > 0) {
    RowShape shape(args, {args.x, args.weight, dy, dx});
    auto& kernel = row_kernel(commands, "normalize_gradient_rows", args, shape,
                              "x, weight, dy, dx, moments", [](Entry& entry, const char* type) {
                                entry.input(type, "x")
                                    .input(type, "weight")
                                    .input(type, "dy")
                                    .output(type, "dx")
                                    .output("Moments", "moments");
                              });
    RowArguments numbers{args.rows, args.columns, args.eps};
    Argument arguments[] = {args.x.read(), args.weight.read(), dy.read(),
                            dx.write(),    moments.write(),    Argument::value(numbers)};
    commands.launch(kernel, shape.groups(args.rows), {uint64_t(shape.group)}, arguments);
  }
  gradient_of_vectors(commands, args, dy, moments, d_weight, d_bias);
}

}  // namespace mlx::core::gpu
