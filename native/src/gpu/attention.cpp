#include "gpu/attention.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

// Of kernels/attention.h.
constexpr int threads = 256, simd_width = 32, tile = 64, line = 68, depth = 16;
// Queries that each read all keys rather than share them, and features of one in a lane.
constexpr int64_t most_few_queries = 8, most_features = 8;

const char* text_of(MaskKind kind) {
  switch (kind) {
    case MaskKind::none:
      return "MaskKind::none";
    case MaskKind::causal:
      return "MaskKind::causal";
    case MaskKind::boolean:
      return "MaskKind::boolean";
    case MaskKind::additive:
      break;
  }
  return "MaskKind::additive";
}

/// A problem with the numbers that all of its kernels get.
class Attention {
 public:
  Attention(Commands& commands, const AttentionArgs& args, const HeadsPlace& result,
            const HeadsPlace& cotangent)
      : commands_(commands),
        args_(args),
        dims_(std::max<size_t>(args.batch_shape.size(), 1)),
        type_(type_name(args.dtype)) {
    for (int n : args.batch_shape) batches_ *= n;
    numbers_ = {args.heads, args.key_heads, args.queries, args.keys, args.width, args.value_width};
    add(args.batch_shape, 1);
    for (auto* matrix : {&args.q, &args.k, &args.v, &args.mask, &args.sinks, &result, &cotangent}) {
      add(matrix->batch_strides, 0);
      numbers_.insert(numbers_.end(),
                      {matrix->head_stride, matrix->row_stride, matrix->column_stride});
    }
    std::memcpy(&numbers_.emplace_back(), &args.scale, sizeof(args.scale));
  }

  int64_t heads() const { return batches_ * args_.heads; }

  void forward(Place out) const {
    int columns = column_tiles(args_.value_width);
    Kernel kernel{"attention_forward", template_text(columns, true)};
    kernel.add(type_, "q", args_.q.place)
        .add(type_, "k", args_.k.place)
        .add(type_, "v", args_.v.place);
    add_mask(kernel);
    add_sinks(kernel);
    kernel.add(type_, "y", out, Access::write);
    add_tiles(kernel);
    run(kernel, args_.heads, args_.queries, args_.value_width, columns);
  }

  bool has_few_queries() const {
    return args_.queries <= most_few_queries &&
           std::max(args_.width, args_.value_width) <= simd_width * most_features;
  }

  /// One or a few queries, whose keys are cut into chunks where there are too few rows to keep all
  /// multiprocessors busy.
  void few_queries(Place out) const {
    const int64_t rows = heads() * args_.queries;
    const int64_t busy = int64_t(commands_.device().limits().multiprocessors) * 8;
    int64_t chunks = std::clamp<int64_t>(busy / rows, 1, std::max<int64_t>(args_.keys / 256, 1));
    const int64_t chunk = std::max<int64_t>((args_.keys + chunks - 1) / chunks, 1);
    chunks = std::max<int64_t>((args_.keys + chunk - 1) / chunk, 1);
    int features = 1;
    while (features * simd_width < std::max(args_.width, args_.value_width)) features *= 2;
    const bool is_whole = chunks == 1;
    const int64_t line = simd_width * features + 2;
    Place parts = is_whole ? out : Place{commands_.scratch(size_t(rows * chunks * line) * 4)};
    Kernel kernel{"attention_few",
                  concat_text(dims_, ", ", features, ", ", are_packed(features) ? "true" : "false",
                              ", ", text_of(args_.mask_kind), ", ", sinks_text(), ", ",
                              is_whole ? "true" : "false")};
    kernel.body = "attention_few";
    kernel.numbers = "ChunkNumbers";
    kernel.add(type_, "q", args_.q.place)
        .add(type_, "k", args_.k.place)
        .add(type_, "v", args_.v.place);
    add_mask(kernel);
    add_sinks(kernel);
    kernel.add(is_whole ? type_ : "float", "y", parts, Access::write)
        .share("float", "shared", int(threads / simd_width * line));
    const int64_t numbers[] = {chunk, chunks};
    launch(kernel, Argument::value(numbers), {uint64_t(rows * chunks)});
    if (is_whole) return;
    Kernel merge{"attention_merge", concat_text(dims_, ", ", features)};
    merge.body = "attention_few";
    merge.numbers = "ChunkNumbers";
    merge.threads_of_group = simd_width;
    merge.add("float", "x", parts).add(type_, "y", out, Access::write);
    launch(merge, Argument::value(numbers), {uint64_t(rows)});
  }

  void statistics(Place result, Place cotangent, Place out) const {
    Kernel kernel{"attention_statistics",
                  concat_text(dims_, ", ", text_of(args_.mask_kind), ", ", sinks_text())};
    kernel.add(type_, "q", args_.q.place).add(type_, "k", args_.k.place);
    add_mask(kernel);
    add_sinks(kernel);
    kernel.add(type_, "result", result)
        .add(type_, "cotangent", cotangent)
        .add("QueryStatistics", "y", out, Access::write)
        .share("float", "memory", 2 * depth * line);
    run(kernel, args_.heads, args_.queries, 1, 1);
  }

  void query_gradient(Place cotangent, Place statistics, Place dq) const {
    int columns = column_tiles(args_.width);
    Kernel kernel = gradient_kernel("attention_query_gradient", columns, cotangent, statistics);
    kernel.add(type_, "y", dq, Access::write);
    add_tiles(kernel);
    run(kernel, args_.heads, args_.queries, args_.width, columns);
  }

  void key_gradient(Place cotangent, Place statistics, Place dk, Place dv) const {
    int64_t widest = std::max(args_.width, args_.value_width);
    int columns = column_tiles(widest);
    Kernel kernel = gradient_kernel("attention_key_gradient", columns, cotangent, statistics);
    kernel.add(type_, "dk", dk, Access::write).add(type_, "dv", dv, Access::write);
    add_tiles(kernel);
    run(kernel, args_.key_heads, args_.keys, widest, columns);
  }

  void sink_gradient(Place statistics, Place out) const {
    Kernel kernel{"attention_sink_gradient", concat_text(dims_)};
    kernel.add("float", "sinks", args_.sinks.place)
        .add("QueryStatistics", "statistics", statistics)
        .add("float", "y", out, Access::write);
    kernel.threads_of_group = simd_width;
    // A group a head.
    run(kernel, args_.heads, 1, 1, 1);
  }

 private:
  /// A kernel with its buffers and threadgroup arrays, which its call names in that order.
  struct Kernel {
    std::string name, parameters;
    std::string_view body = "attention";
    /// A struct by value behind the arguments that all have: what tiles are numbered by.
    const char* numbers = "TileNumbers";
    int threads_of_group = threads;
    struct Buffer {
      std::string type, name;
      Place place;
      Access access;
    };
    struct Shared {
      std::string type, name;
      int size;
    };
    std::vector<Buffer> buffers = {};
    std::vector<Shared> arrays = {};

    Kernel& add(const std::string& type, const std::string& name, Place place,
                Access access = Access::read) {
      buffers.push_back({type, name, place, access});
      return *this;
    }
    Kernel& share(const std::string& type, const std::string& name, int size) {
      arrays.push_back({type, name, size});
      return *this;
    }
  };

  static void add_tiles(Kernel& kernel) {
    kernel.share("float", "memory", 2 * depth * line).share("float", "lines", tile * line);
  }

  /// Whether keys and values can be read that many features at once.
  bool are_packed(int64_t features) const {
    auto fits = [&](const HeadsPlace& matrix, int64_t columns) {
      bool fits = matrix.column_stride == 1 && columns % features == 0 &&
                  matrix.row_stride % features == 0 && matrix.head_stride % features == 0 &&
                  matrix.place.byte_offset % size_t(features * item_size(args_.dtype)) == 0;
      for (auto stride : matrix.batch_strides) fits = fits && stride % features == 0;
      return fits;
    };
    return fits(args_.k, args_.width) && fits(args_.v, args_.value_width);
  }

  template <typename T>
  void add(std::span<const T> list, int64_t otherwise) {
    for (auto n : list) numbers_.push_back(n);
    numbers_.insert(numbers_.end(), dims_ - list.size(), otherwise);
  }

  /// 64 columns each that a group computes.
  static int column_tiles(int64_t width) { return width <= tile ? 1 : 2; }
  const char* sinks_text() const { return args_.has_sinks ? "true" : "false"; }
  std::string template_text(int columns, bool with_sinks) const {
    auto text = concat_text(dims_, ", ", columns, ", ", text_of(args_.mask_kind));
    return with_sinks ? text + ", " + sinks_text() : text;
  }
  Kernel gradient_kernel(const char* name, int columns, Place cotangent, Place statistics) const {
    Kernel kernel{name, template_text(columns, false)};
    kernel.add(type_, "q", args_.q.place)
        .add(type_, "k", args_.k.place)
        .add(type_, "v", args_.v.place);
    add_mask(kernel);
    kernel.add(type_, "cotangent", cotangent).add("QueryStatistics", "statistics", statistics);
    return kernel;
  }
  // What is not there is not looked at.
  void add_mask(Kernel& kernel) const {
    bool is_boolean = args_.mask_kind == MaskKind::boolean;
    bool is_array = is_boolean || args_.mask_kind == MaskKind::additive;
    kernel.add(is_boolean ? "bool" : type_, "masks", is_array ? args_.mask.place : args_.q.place);
  }
  void add_sinks(Kernel& kernel) const {
    kernel.add("float", "sinks", args_.has_sinks ? args_.sinks.place : args_.q.place);
  }

  void launch(const Kernel& kernel, Argument numbers, Size3 groups) const {
    const bool has_tiles = kernel.numbers == std::string_view("TileNumbers");
    auto call = kernel.name + "<" + kernel.parameters + ">(";
    for (auto& buffer : kernel.buffers) call += buffer.name + ", ";
    call += has_tiles ? "p, " : "p, n, ";
    for (auto& array : kernel.arrays) call += array.name + ", ";
    call += has_tiles ? "tile_of(n, g), g)" : "g)";
    auto key = concat_text(call, type_);
    auto& compiled = commands_.kernels().get(key, [&] {
      Entry entry(Entry::name(kernel.name, key), kernel.threads_of_group);
      for (auto& buffer : kernel.buffers)
        buffer.access == Access::read ? entry.input(buffer.type, buffer.name)
                                      : entry.output(buffer.type, buffer.name);
      entry.value(concat_text("AttentionArguments<", dims_, ">"), "p");
      for (auto& array : kernel.arrays) entry.shared(array.type, array.name, array.size);
      entry.value(kernel.numbers, "n").body("  " + call + ";\n");
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {kernel.body}));
    });
    std::vector<Argument> arguments;
    for (auto& buffer : kernel.buffers)
      arguments.push_back(buffer.access == Access::read ? buffer.place.read()
                                                        : buffer.place.write());
    arguments.push_back({numbers_.data(), numbers_.size() * sizeof(int64_t)});
    arguments.push_back(numbers);
    commands_.launch(compiled, groups, {uint64_t(kernel.threads_of_group)}, arguments);
  }

  /// A group for each tile of rows of each head, and for some columns of the result.
  void run(const Kernel& kernel, int64_t heads, int64_t rows, int64_t width, int columns) const {
    const int64_t tiles = (rows + tile - 1) / tile;
    const int64_t numbers[] = {heads, tiles};
    launch(kernel, Argument::value(numbers),
           {uint64_t(batches_ * heads * tiles),
            uint64_t((width + columns * tile - 1) / (columns * tile))});
  }

  Commands& commands_;
  const AttentionArgs& args_;
  size_t dims_;
  std::string type_;
  int64_t batches_ = 1;
  std::vector<int64_t> numbers_;
};

}  // namespace

void attention(Commands& commands, const AttentionArgs& args, Place out) {
  Attention problem(commands, args, {}, {});
  if (problem.heads() * args.queries * args.value_width == 0) return;
  problem.has_few_queries() ? problem.few_queries(out) : problem.forward(out);
}

void attention_gradient(Commands& commands, const AttentionArgs& args, const HeadsPlace& out,
                        const HeadsPlace& d_out, const AttentionGradients& gradients) {
  Attention problem(commands, args, out, d_out);
  const int64_t queries = problem.heads() * args.queries;
  Place statistics{commands.scratch(size_t(std::max<int64_t>(queries, 1)) * 3 * sizeof(float))};
  if (queries > 0) problem.statistics(out.place, d_out.place, statistics);
  if (queries * args.width > 0) problem.query_gradient(d_out.place, statistics, gradients.q);
  if (args.keys * (args.width + args.value_width) > 0 && problem.heads() > 0)
    problem.key_gradient(d_out.place, statistics, gradients.k, gradients.v);
  if (args.has_sinks && problem.heads() > 0) problem.sink_gradient(statistics, gradients.sinks);
}

}  // namespace mlx::core::gpu
