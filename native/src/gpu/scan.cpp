#include "gpu/scan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256, simd_width = 32;
// Of an accumulator, at most.
constexpr size_t accumulator_bytes = 16;
// Elements that a thread scans before it exchanges anything.
constexpr int64_t items = 8;
constexpr int pack_bytes = 16;
// Elements that a thread has where tiles are chained, and those whose accumulators take many
// registers; tiles of kernels/scan_chain.h that are added up together.
constexpr int chained_items = 32, chained_wide_items = 8, least_run = 4;
constexpr int64_t chained_tiles = 256;
// Tiles or elements that make it worth while to cut a line into chunks.
constexpr int64_t least_tiles = 4, least_elements = 32;

const char* flag(bool value) { return value ? "true" : "false"; }

/// The structs of kernels/reduce_ops.h and scan.h.
std::string op_type(ScanOp op, Dtype::Val dtype) {
  auto t = type_name(dtype);
  bool is_float = dtype == Dtype::Val::float32 || is_half(dtype);
  switch (op) {
    case ScanOp::sum:
      if (dtype == Dtype::Val::complex64) return "ComplexSum";
      return concat_text(is_float ? "FloatSumOf<" : "SumOf<", t, ", ", t, ">");
    case ScanOp::prod:
      return concat_text(is_half(dtype) ? "HalfProductOf<" : "ProductOf<", t, ", ", t, ">");
    case ScanOp::max:
      return concat_text("RunningExtremeOf<", t, ", true>");
    case ScanOp::min:
      return concat_text("RunningExtremeOf<", t, ", false>");
    case ScanOp::log_add_exp:
      break;
  }
  return concat_text("LogSumOf<", t, ">");
}

/// What a kernel reads: buffers named x0, x1, and the source that makes accumulators of them.
struct Source {
  std::string text;
  std::vector<std::pair<std::string, Place>> buffers;
  /// Bytes of an element; 0 where they can't be read in packs.
  int width = 0;
};

struct Scanning {
  Commands& commands;
  std::string op;
  int64_t outer, length, inner;
  bool reverse, inclusive;
  /// A thread goes through a line as it lies: of complex logarithms another order would choose
  /// other branches.
  bool in_order = false;

  int64_t lines() const { return outer * inner; }
  bool is_rows() const { return inner == 1 && !in_order; }
  int lanes() const { return length <= 2 * simd_width * items ? simd_width : threads; }
  std::string acc() const { return op + "::Acc"; }

  /// Elements that move through memory as one: where every line and its elements lie aligned.
  int pack(const Source& source, Place out) const {
    if (source.width == 0) return 1;
    int pack = std::clamp(pack_bytes / source.width, 1, int(items));
    auto fits = [&](const Place& place) {
      return place.byte_offset % size_t(pack * source.width) == 0;
    };
    auto all_fit = [&] {
      return ((outer == 1 && !reverse) || length % pack == 0) && fits(out) &&
             std::all_of(source.buffers.begin(), source.buffers.end(),
                         [&](const auto& buffer) { return fits(buffer.second); });
    };
    while (pack > 1 && !all_fit()) pack /= 2;
    return pack;
  }

  /// Cuts lines where there are too few of them to keep all multiprocessors busy.
  int64_t chunk() const {
    if (in_order) return length;
    int64_t busy = int64_t(commands.device().limits().multiprocessors) * 8;
    int64_t unit = is_rows() ? lanes() * items : 1;
    int64_t least = is_rows() ? least_tiles * unit : least_elements;
    int64_t groups =
        is_rows() ? (lines() * lanes() + threads - 1) / threads : (lines() + threads - 1) / threads;
    int64_t chunks = std::clamp<int64_t>(busy / groups, 1, std::max<int64_t>(length / least, 1));
    int64_t chunk = (length + chunks - 1) / chunks;
    return (chunk + unit - 1) / unit * unit;
  }

  static std::vector<Argument> arguments(const Source& source, Place out) {
    std::vector<Argument> arguments;
    for (auto& [type, place] : source.buffers) arguments.push_back(place.read());
    arguments.push_back(out.write());
    return arguments;
  }

  /// One pass; `carries` are what chunks begin with.
  void pass(const Source& source, const char* result, const std::string& out_type, int64_t chunk,
            const Place* carries, Place out) const {
    int64_t chunks = (length + chunk - 1) / chunk;
    auto call =
        concat_text(is_rows() ? "scan_rows<" : "scan_columns<", op, ", ScanResult::", result, ", ",
                    flag(reverse), ", ", flag(inclusive), ", ", flag(carries));
    if (is_rows()) call += concat_text(", ", lanes(), ", ", items, ", ", pack(source, out));
    call += concat_text(">(", source.text, ", y, carries, p, ", is_rows() ? "part, g)" : "g)");
    auto key = call + out_type;
    for (auto& [type, place] : source.buffers) key += type;
    auto& kernel = commands.kernels().get(key, [&] {
      Entry entry(Entry::name("scan", key), threads);
      for (size_t i = 0; i < source.buffers.size(); ++i)
        entry.input(source.buffers[i].first, concat_text("x", i));
      entry.output(out_type, "y").input(acc(), "carries").value("ScanArguments", "p");
      if (is_rows()) entry.shared(acc(), "part", threads / simd_width);
      entry.body("  " + call + ";\n");
      auto language = commands.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"scan"}));
    });
    const int64_t numbers[] = {outer, length, inner, chunk, chunks};
    auto arguments = this->arguments(source, out);
    // Without any it is not looked at.
    arguments.push_back((carries ? *carries : source.buffers[0].second).read());
    arguments.push_back(Argument::value(numbers));
    int64_t work = lines() * chunks * (is_rows() ? lanes() : 1);
    commands.launch(kernel, {uint64_t((work + threads - 1) / threads)}, {threads}, arguments);
  }

  /// Groups wait for groups that began earlier, which Metal does not promise to go on with.
  bool can_chain() const {
    auto language = commands.device().limits().language;
    return is_rows() && (language == Language::cuda || language == Language::emulator);
  }

  /// Each element is read once.
  void chain(const Source& source, const std::string& out_type, Place out) const {
    const int pack = this->pack(source, out), run = std::max(pack, least_run);
    const bool is_narrow = source.width < 8 && source.buffers.size() == 1;
    const int items = is_narrow ? chained_items : chained_wide_items;
    const int64_t tile = threads * items, tiles = (length + tile - 1) / tile;
    auto call = concat_text("scan_chain<", op, ", ", flag(reverse), ", ", flag(inclusive), ", ",
                            items / run, ", ", run, ", ", pack, ">(", source.text,
                            ", y, state, p, part, ticket, g)");
    auto key = call + out_type;
    for (auto& [type, place] : source.buffers) key += type;
    auto& kernel = commands.kernels().get(key, [&] {
      Entry entry(Entry::name("scan", key), threads);
      for (size_t i = 0; i < source.buffers.size(); ++i)
        entry.input(source.buffers[i].first, concat_text("x", i));
      entry.output(out_type, "y").output("ulong", "state").value("ScanArguments", "p");
      entry.shared(acc(), "part", threads / simd_width).shared("uint", "ticket", 1);
      entry.body("  " + call + ";\n");
      auto language = commands.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"scan_chain"}));
    });
    const int64_t blocks = (tiles + chained_tiles - 1) / chained_tiles;
    // A number, and a mark beside each 4 bytes of the accumulators.
    const size_t bytes = 8 + size_t(outer * (tiles + blocks)) * 2 * accumulator_bytes;
    Place state{commands.scratch(bytes)};
    commands.queue().fill(state.memory, state.byte_offset, 0, 4, bytes);
    const int64_t numbers[] = {outer, length, inner, tile, tiles};
    auto arguments = this->arguments(source, out);
    arguments.push_back(state.update());
    arguments.push_back(Argument::value(numbers));
    commands.launch(kernel, {uint64_t(outer * tiles)}, {threads}, arguments);
  }

  void run(const Source& source, const std::string& out_type, Place out) const {
    if (lines() * length == 0) return;
    int64_t chunk = this->chunk(), chunks = (length + chunk - 1) / chunk;
    if (chunks == 1) return pass(source, "values", out_type, chunk, nullptr, out);
    if (can_chain()) return chain(source, out_type, out);
    size_t bytes = size_t(lines() * chunks) * accumulator_bytes;
    Place totals{commands.scratch(bytes)}, carries{commands.scratch(bytes)};
    pass(source, "totals", acc(), chunk, nullptr, totals);
    Scanning over_chunks{commands, op, outer, chunks, inner, false, false};
    Source of_totals{"TotalSource<" + op + ">{x0}", {{acc(), totals}}};
    int64_t whole = (chunks + threads * items - 1) / (threads * items) * (threads * items);
    over_chunks.pass(of_totals, "carries", acc(), whole, nullptr, carries);
    pass(source, "values", out_type, chunk, &carries, out);
  }
};

}  // namespace

void scan(Commands& commands, ScanOp op, Dtype::Val dtype, const ScanShape& shape, Place in,
          Place out) {
  auto type = type_name(dtype);
  auto name = op_type(op, dtype);
  Scanning scanning{commands,    name,          shape.outer,    shape.length,
                    shape.inner, shape.reverse, shape.inclusive};
  scanning.in_order = op == ScanOp::log_add_exp && dtype == Dtype::Val::complex64;
  scanning.run(
      {concat_text("ScanSource<", name, ", ", type, ">{x0}"), {{type, in}}, item_size(dtype)}, type,
      out);
}

void linear_recurrence(Commands& commands, Dtype::Val dtype, const ScanShape& shape, Place factors,
                       Place terms, Place out) {
  auto type = type_name(dtype);
  Scanning scanning{commands,    concat_text("RecurrenceOf<", type, ">"),
                    shape.outer, shape.length,
                    shape.inner, shape.reverse,
                    true};
  scanning.run({concat_text("RecurrenceSource<", type, ">{x0, x1}"),
                {{type, factors}, {type, terms}},
                item_size(dtype)},
               type, out);
}

void wide_running_sums(Commands& commands, int64_t rows, int64_t columns, Place in, Place out) {
  Scanning scanning{commands, "WideSum", rows, columns, 1, false, true};
  scanning.run({"ScanSource<WideSum, float>{x0}", {{"float", in}}}, "TwoFloats", out);
}

}  // namespace mlx::core::gpu
