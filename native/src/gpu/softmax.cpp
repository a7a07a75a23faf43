#include "gpu/softmax.h"

#include <bit>
#include <vector>

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

/// The names of kernels/softmax.h.
enum class RowResult : uint8_t { softmax, log_sum, parts };

const char* text_of(RowResult result) {
  switch (result) {
    case RowResult::softmax:
      return "RowResult::softmax";
    case RowResult::log_sum:
      return "RowResult::log_sum";
    case RowResult::parts:
      break;
  }
  return "RowResult::parts";
}

/// `second` is a second result that only parts have.
void run_rows(Commands& commands, Dtype::Val dtype, Place in, RowArguments size, RowResult result,
              Place out, Place second = {}) {
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
  auto type = type_name(dtype);
  bool has_second = result == RowResult::parts;
  auto call = is_long
                  ? concat_text("softmax_long_rows<", type, ", ", pack, ", ", text_of(result), ">")
                  : concat_text("softmax_rows<", type, ", ", lanes, ", ", packs_a_thread, ", ",
                                pack, ", ", text_of(result), ">");
  auto& kernel = commands.kernels().get("softmax:" + call, [&] {
    Entry entry(Entry::name("softmax", call), int(group));
    entry.input(type, "x").output(has_second ? "float" : type, "y");
    if (has_second) entry.output("float", "z");
    entry.value("RowArguments", "p")
        .shared("float", "part", int(simd_width))
        .body("  " + call + (has_second ? "(x, y, z, p, part, g);\n" : "(x, y, y, p, part, g);\n"));
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"softmax"}));
  });
  int64_t groups = is_long ? size.rows : (size.rows * lanes + group - 1) / group;
  std::vector<Argument> arguments = {in.read(), out.write()};
  if (has_second) arguments.push_back(second.write());
  arguments.push_back(Argument::value(size));
  commands.launch(kernel, {uint64_t(groups)}, {uint64_t(group)}, arguments);
}

}  // namespace

void softmax(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t columns,
             Place out) {
  if (columns > 0) run_rows(commands, dtype, in, {rows, columns}, RowResult::softmax, out);
}

void logsumexp(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t columns,
               Place out) {
  run_rows(commands, dtype, in, {rows, columns}, RowResult::log_sum, out);
}

void logsumexp_parts(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t columns,
                     Place largest, Place log_sum) {
  run_rows(commands, dtype, in, {rows, columns}, RowResult::parts, largest, log_sum);
}

}  // namespace mlx::core::gpu
