#include "gpu/softmax.h"

#include <bit>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int64_t threads = 256, simd_width = 32, most_threads = 1024;
constexpr int pack_bytes = 16;
// Elements of a row that a thread keeps in registers.
constexpr int64_t most_values = 16;

struct RowArguments {
  int64_t rows, columns;
};

void run_rows(Commands& commands, Dtype::Val dtype, Place in, RowArguments size, Place out,
              bool is_log_sum) {
  if (size.rows == 0) return;
  int width = item_size(dtype);
  int64_t pack = pack_bytes / width;
  auto is_aligned = [&](int64_t n) {
    size_t bytes = size_t(n * width);
    return size.columns % n == 0 && in.byte_offset % bytes == 0 && out.byte_offset % bytes == 0;
  };
  while (pack > 1 && !is_aligned(pack)) pack /= 2;
  auto packs = uint64_t((size.columns + pack - 1) / pack);
  // As few threads as have room for the row: the fewer, the less they have to exchange.
  int64_t lanes = simd_width;
  while (lanes < most_threads && int64_t(packs) * pack > lanes * most_values) lanes *= 2;
  if (lanes > simd_width && lanes < threads) lanes = threads;
  bool is_long = int64_t(packs) * pack > lanes * most_values;
  int64_t group = is_long ? most_threads : std::max(lanes, threads);
  auto packs_a_thread =
      std::bit_ceil(std::max<uint64_t>((packs + uint64_t(lanes) - 1) / uint64_t(lanes), 1));
  auto log = is_log_sum ? "true" : "false";
  auto call = is_long
                  ? concat_text("softmax_long_rows<", type_name(dtype), ", ", pack, ", ", log, ">")
                  : concat_text("softmax_rows<", type_name(dtype), ", ", lanes, ", ",
                                packs_a_thread, ", ", pack, ", ", log, ">");
  auto& kernel = commands.kernels().get("softmax:" + call, [&] {
    Entry entry(Entry::name("softmax", call), int(group));
    entry.input(type_name(dtype), "x")
        .output(type_name(dtype), "y")
        .value("RowArguments", "p")
        .shared("float", "part", int(simd_width))
        .body("  " + call + "(x, y, p, part, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"softmax"}));
  });
  int64_t groups = is_long ? size.rows : (size.rows * lanes + group - 1) / group;
  Argument arguments[] = {in.read(), out.write(), Argument::value(size)};
  commands.launch(kernel, {uint64_t(groups)}, {uint64_t(group)}, arguments);
}

}  // namespace

void softmax(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t columns,
             Place out) {
  if (columns > 0) run_rows(commands, dtype, in, {rows, columns}, out, false);
}

void logsumexp(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t columns,
               Place out) {
  run_rows(commands, dtype, in, {rows, columns}, out, true);
}

}  // namespace mlx::core::gpu
