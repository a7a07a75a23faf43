#include "gpu/matmul.h"

#include <cstring>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "gpu/copy.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256, depth = 16;

int64_t matrices(const MatmulArgs& args) {
  return std::accumulate(args.batch_shape.begin(), args.batch_shape.end(), int64_t(1),
                         std::multiplies<>());
}

bool is_float(Dtype::Val dtype) { return dtype == Dtype::Val::float32 || is_half(dtype); }

/// The leading dimension of a matrix whose rows, or columns, have no gaps between their elements; 0
/// where there is none.
int64_t leading(const MatrixPlace& matrix, int64_t rows, int64_t columns, bool& transposed) {
  transposed = false;
  if ((matrix.column_stride == 1 || columns == 1) && (matrix.row_stride >= columns || rows == 1))
    return rows == 1 ? columns : matrix.row_stride;
  transposed = true;
  if ((matrix.row_stride == 1 || rows == 1) && (matrix.column_stride >= rows || columns == 1))
    return columns == 1 ? rows : matrix.column_stride;
  return 0;
}

/// Elements from one matrix of a batch to the next; -1 where they are not evenly apart.
int64_t step(const MatmulArgs& args, std::span<const int64_t> strides) {
  int64_t result = 0, expected = -1;
  for (size_t d = args.batch_shape.size(); d-- > 0;) {
    if (args.batch_shape[d] == 1) continue;
    if (expected < 0)
      result = strides[d];
    else if (strides[d] != expected)
      return -1;
    expected = strides[d] * args.batch_shape[d];
  }
  return result;
}

int64_t row_stride(const MatmulArgs& args) {
  return args.d_row_stride ? args.d_row_stride : args.n;
}
bool has_addend(const MatmulArgs& args) { return bool(args.c.place.memory) && args.beta != 0; }
bool is_d(const Place& place, const Place& d) {
  return place.memory.handle == d.memory.handle && place.byte_offset == d.byte_offset;
}

/// The library adds to what is in D.
void copy_addend(Commands& commands, const MatmulArgs& args) {
  std::vector<int32_t> shape(args.batch_shape.begin(), args.batch_shape.end());
  std::vector<int64_t> from(args.c.batch_strides.begin(), args.c.batch_strides.end()),
      to(shape.size());
  int64_t step = args.m * row_stride(args);
  for (size_t d = shape.size(); d-- > 0; step *= shape[d]) to[d] = step;
  shape.insert(shape.end(), {int32_t(args.m), int32_t(args.n)});
  from.insert(from.end(), {args.c.row_stride, args.c.column_stride});
  to.insert(to.end(), {row_stride(args), 1});
  copy(commands, {args.c.place, args.dtype, shape, from}, args.dtype, args.d, to);
}

/// Whether the library did it.
bool multiply_by_library(Commands& commands, const MatmulArgs& args) {
  if (!is_float(args.dtype) && args.dtype != Dtype::Val::complex64) return false;
  MatrixProduct product{};
  product.a_leading = leading(args.a, args.m, args.k, product.a_transposed);
  product.b_leading = leading(args.b, args.k, args.n, product.b_transposed);
  product.a_step = step(args, args.a.batch_strides);
  product.b_step = step(args, args.b.batch_strides);
  if (!product.a_leading || !product.b_leading || product.a_step < 0 || product.b_step < 0)
    return false;
  product.dtype = args.dtype;
  product.m = args.m;
  product.n = args.n;
  product.k = args.k;
  product.a = args.a.place.memory;
  product.b = args.b.place.memory;
  product.d = args.d.memory;
  product.a_offset = args.a.place.byte_offset;
  product.b_offset = args.b.place.byte_offset;
  product.d_offset = args.d.byte_offset;
  product.d_leading = row_stride(args);
  product.d_step = args.m * product.d_leading;
  product.batch = matrices(args);
  product.alpha = args.alpha;
  product.beta = has_addend(args) ? args.beta : 0;
  if (has_addend(args) && !is_d(args.c.place, args.d)) copy_addend(commands, args);
  return commands.queue().multiply(product);
}

struct ChosenKernel {
  const Kernel* kernel;
  int64_t tile;
};

/// How the products of a batch choose their matrices: a struct of kernels/matmul.h with its
/// members, and what a kernel needs for it.
struct MatrixChoice {
  struct Buffer {
    std::string type, name;
    Place place;
  };

  std::string type = "OwnMatrices", members = "{}";
  std::vector<Buffer> buffers = {};
  std::string numbers_type = {};
  std::vector<int64_t> numbers = {};
};

const char* flag(bool value) { return value ? ", true" : ", false"; }

/// Chooses among the kernels of kernels/matmul.h and matmul_halves.h.
struct TiledProduct {
  const MatmulArgs& args;
  bool has_c, is_scaled;
  size_t dims;

  ChosenKernel tiles(Commands& commands, int64_t count, const MatrixChoice& choice) const {
    // Tiles that keep all multiprocessors busy, or else smaller ones.
    int64_t groups = (args.m + 127) / 128 * ((args.n + 127) / 128) * count;
    bool is_large =
        item_size(args.dtype) < 8 && groups >= commands.device().limits().multiprocessors;
    int tile = is_large ? 128 : 64;
    // Two parts of both matrices, each line with a gap; Metal has 32 KiB for them.
    auto shared_bytes = [&](int steps) {
      int width = is_half(args.dtype) ? 4 : item_size(args.dtype);
      return uint32_t(2 * 2 * steps * (tile + 4) * width);
    };
    int steps =
        shared_bytes(depth) <= commands.device().limits().max_shared_bytes ? depth : depth / 2;
    auto call = concat_text("matmul_tiles<", type_name(args.dtype), ", ", tile, ", ", steps, ", ",
                            dims, flag(args.a.column_stride == 1), flag(args.b.column_stride == 1),
                            flag(is_scaled), flag(has_c), ", ", choice.type, ">");
    auto sum = is_half(args.dtype) ? "float" : type_name(args.dtype);
    return {&kernel(commands, call, {"matmul"}, sum, 2 * steps * (tile + 4), choice), tile};
  }

  ChosenKernel halves(Commands& commands) const {
    bool a_lines = args.a.column_stride == 1, b_lines = args.b.row_stride == 1;
    bool a_packed =
        is_packed(args.a, a_lines, args.m, args.k, args.a.column_stride, args.a.row_stride);
    bool b_packed =
        is_packed(args.b, b_lines, args.n, args.k, args.b.row_stride, args.b.column_stride);
    auto call = concat_text("matmul_halves<", type_name(args.dtype), ", ", dims, flag(a_lines),
                            flag(b_lines), flag(a_packed), flag(b_packed), flag(is_scaled),
                            flag(has_c), ">");
    auto tile =
        commands.device().limits().language == Language::cuda ? "tile_cuda" : "tile_emulator";
    // Three tiles of 128 lines of 32 elements, or the other way around.
    return {&kernel(commands, call, {tile, "matmul_halves"}, type_name(args.dtype), 3 * 128 * 32,
                    std::nullopt),
            128};
  }

 private:
  /// Whether the matrix can be read in packs of 8 along its lines.
  static bool is_packed(const MatrixPlace& matrix, bool inner_lines, int64_t outers, int64_t inners,
                        int64_t inner_stride, int64_t outer_stride) {
    int64_t along = inner_lines ? inner_stride : outer_stride;
    int64_t across = inner_lines ? outer_stride : inner_stride;
    bool is_even = along == 1 && across % 8 == 0 && (inner_lines ? inners : outers) % 8 == 0;
    for (auto step : matrix.batch_strides) is_even = is_even && step % 8 == 0;
    return is_even && matrix.place.byte_offset % 16 == 0;
  }

  const Kernel& kernel(Commands& commands, const std::string& call,
                       std::initializer_list<std::string_view> bodies, const char* shared_type,
                       int shared_size, const std::optional<MatrixChoice>& choice) const {
    return commands.kernels().get(call, [&] {
      auto t = type_name(args.dtype);
      Entry entry(Entry::name("matmul", call), threads);
      entry.input(t, "a")
          .input(t, "b")
          .input(t, "c")
          .output(t, "d")
          .value(concat_text("MatmulArguments<", dims, ">"), "p")
          .shared(shared_type, "a_tile", shared_size)
          .shared(shared_type, "b_tile", shared_size);
      std::string chosen;
      if (choice) {
        for (auto& [type, name, place] : choice->buffers) entry.input(type, name);
        if (!choice->numbers_type.empty()) entry.value(choice->numbers_type, "n");
        chosen = choice->type + choice->members + ", ";
      }
      entry.body("  " + call + "(a, b, c, d, p, a_tile, b_tile, " + chosen + "g);\n");
      auto language = commands.device().limits().language;
      return entry.source(language, kernel_bodies(language, bodies));
    });
  }
};

void run(Commands& commands, const MatmulArgs& args, const MatrixChoice& choice) {
  int64_t count = matrices(args);
  if (args.m == 0 || args.n == 0 || count == 0) return;
  bool has_c = has_addend(args);
  bool is_scaled = args.alpha != 1 || (has_c && args.beta != 1);
  auto dims = std::max<size_t>(args.batch_shape.size(), 1);
  auto& limits = commands.device().limits();
  bool has_units = choice.buffers.empty() && is_half(args.dtype) && limits.half_matrices;
  TiledProduct product{args, has_c, is_scaled, dims};
  auto [kernel, tile] =
      has_units ? product.halves(commands) : product.tiles(commands, count, choice);
  SmallVector<int64_t, 32> numbers{args.m,
                                   args.n,
                                   args.k,
                                   args.a.row_stride,
                                   args.a.column_stride,
                                   args.b.row_stride,
                                   args.b.column_stride,
                                   args.c.row_stride,
                                   args.c.column_stride,
                                   row_stride(args)};
  auto add = [&](auto list, int64_t otherwise) {
    for (auto value : list) numbers.push_back(value);
    for (size_t d = list.size(); d < dims; ++d) numbers.push_back(otherwise);
  };
  add(args.batch_shape, 1);
  for (auto* matrix : {&args.a, &args.b, &args.c}) add(matrix->batch_strides, 0);
  const float factors[] = {args.alpha, args.beta};
  int64_t packed;
  std::memcpy(&packed, factors, sizeof(packed));
  numbers.push_back(packed);
  std::vector<Argument> arguments = {
      args.a.place.read(), args.b.place.read(), has_c ? args.c.place.read() : args.a.place.read(),
      args.d.write(), Argument(numbers.data(), numbers.size() * sizeof(int64_t))};
  for (auto& buffer : choice.buffers) arguments.push_back(buffer.place.read());
  if (!choice.numbers.empty())
    arguments.emplace_back(choice.numbers.data(), choice.numbers.size() * sizeof(int64_t));
  Size3 groups{uint64_t((args.n + tile - 1) / tile * ((args.m + tile - 1) / tile) * count)};
  commands.launch(*kernel, groups, {threads}, arguments);
}

}  // namespace

void matmul_by_tiles(Commands& commands, const MatmulArgs& args) { run(commands, args, {}); }

void matmul(Commands& commands, const MatmulArgs& args) {
  if (args.k > 0 && args.m > 0 && args.n > 0 && multiply_by_library(commands, args)) return;
  matmul_by_tiles(commands, args);
}

void gather_matmul(Commands& commands, const MatmulArgs& args, const GatheredMatrices& matrices) {
  auto &a = matrices.a_indices, &b = matrices.b_indices;
  MatrixChoice choice{
      concat_text("GatheredMatrices<", type_name(a.dtype), ", ", type_name(b.dtype), ">"),
      "{a_indices, b_indices, n}",
      {{type_name(a.dtype), "a_indices", a.place}, {type_name(b.dtype), "b_indices", b.place}},
      "GatherNumbers",
      {a.strides[0], b.strides[0], matrices.a_count, matrices.b_count, matrices.a_step,
       matrices.b_step}};
  run(commands, args, choice);
}

void segmented_matmul(Commands& commands, const MatmulArgs& args, const StridedPlace& bounds) {
  MatrixChoice choice{concat_text("SegmentSlices<", type_name(bounds.dtype), ">"),
                      "{bounds, n}",
                      {{type_name(bounds.dtype), "bounds", bounds.place}},
                      "SegmentNumbers",
                      {bounds.strides[0], bounds.strides[1]}};
  run(commands, args, choice);
}

}  // namespace mlx::core::gpu
