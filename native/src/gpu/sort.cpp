#include "gpu/sort.h"

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int most_threads = 256, merged_by_thread = 4;
constexpr int merge_block = most_threads * merged_by_thread;
// Threadgroup memory that a block of items takes.
constexpr int block_bytes = 16384;
// Of kernels/radix_sort.h.
constexpr int radix_threads = 256, digit_bits = 8, digits = 256, radix_simds = 8, simd_width = 32;
// Elements for each pass over digits from which on these are faster than merges, of which there is
// one more for twice the length; and elements in all that make larger tiles pay.
constexpr int64_t least_radix_length = 16384, many_elements = 1 << 22;

/// What is sorted: its name in kernels/sort.h and its size.
struct Item {
  std::string name;
  int bytes;

  static Item plain(Dtype::Val dtype) {
    bool is_wide = item_size(dtype) > 4;
    return {is_wide ? "PlainItem<ulong>" : "PlainItem<uint>", is_wide ? 8 : 4};
  }
  static Item with_position(Dtype::Val dtype) {
    return item_size(dtype) > 4 ? Item{"WideItem", 16} : Item{"NarrowItem", 8};
  }
  /// As many as a group sorts: one of a few sizes.
  int block(int64_t length) const {
    int most = std::min(block_bytes / bytes, 2048);
    for (int size : {64, 512})
      if (length <= size) return size;
    return most;
  }
};

struct Result {
  const char* name;
  std::string type;
  Place place;
};

/// The lines along an axis of an array, and of a row-contiguous result of its shape.
class Lines {
 public:
  Lines(Commands& commands, const StridedPlace& in, int axis)
      : commands_(commands), in_(in), type_(type_name(in.dtype)) {
    int64_t stride = 1;
    for (size_t d = in.shape.size(); d-- > 0; stride *= in.shape[d]) {
      if (int(d) == axis) {
        length_ = in.shape[d];
        x_step_ = in.strides[d];
        y_step_ = stride;
        continue;
      }
      count_ *= in.shape[d];
      shape_.insert(shape_.begin(), in.shape[d]);
      x_strides_.insert(x_strides_.begin(), in.strides[d]);
      y_strides_.insert(y_strides_.begin(), stride);
    }
    if (shape_.empty()) {
      shape_ = {1};
      x_strides_ = y_strides_ = {0};
    }
  }

  int64_t size() const { return count_ * length_; }
  const char* type() const { return type_; }

  /// Sorts by elements; or by the part they belong to, where `sorted` holds the lines as sorted,
  /// with the pivot at kth.
  void sort(const Item& item, const Result& result, const Place* sorted = nullptr,
            int64_t kth = 0) const {
    if (size() == 0) return;
    if (length_ >= least_radix_length * ((key_bits(sorted) + digit_bits - 1) / digit_bits))
      return sort_by_digits(item, result, sorted, kth);
    const int block = item.block(length_);
    const bool is_whole = length_ <= block;
    Place items, spare;
    if (!is_whole) {
      items = {commands_.scratch(size_t(size()) * size_t(item.bytes))};
      spare = {commands_.scratch(size_t(size()) * size_t(item.bytes))};
    }
    sort_blocks(item, block, result, is_whole ? nullptr : &items, sorted, kth);
    for (int64_t run = block; run < length_; run *= 2) {
      merge(item, run, items, result, 2 * run < length_ ? &spare : nullptr);
      std::swap(items, spare);
    }
  }

 private:
  std::vector<int64_t> numbers(int64_t blocks, int64_t stage, int64_t kth) const {
    std::vector<int64_t> numbers = {length_, blocks, stage, x_step_, y_step_, kth * y_step_};
    for (auto* list : {&shape_, &x_strides_, &y_strides_})
      numbers.insert(numbers.end(), list->begin(), list->end());
    return numbers;
  }
  std::string own_line() const {
    auto dims = shape_.size();
    return concat_text(
        "  const int64_t number = int64_t(g.tgid.x) / p.blocks;\n"
        "  const int64_t part = int64_t(g.tgid.x) - number * p.blocks;\n"
        "  const int64_t place = place_of<",
        dims, ">(number, p.shape, p.y_strides);\n  device const ", type_, "* line = x + place_of<",
        dims, ">(number, p.shape, p.x_strides);\n");
  }
  std::string keys(const Place* sorted) const {
    return sorted ? concat_text("PartKeys<", type_, ">{line, p.x_step, pivots[place + p.pivot]}")
                  : concat_text("ElementKeys<", type_, ">{line, p.x_step}");
  }
  void launch(const Kernel& kernel, int64_t blocks, int threads, std::vector<Argument> arguments,
              const std::vector<int64_t>& numbers) const {
    arguments.push_back({numbers.data(), numbers.size() * sizeof(int64_t)});
    commands_.launch(kernel, {uint64_t(count_ * blocks)}, {uint64_t(threads)}, arguments);
  }

  /// Without `items` to leave, blocks are whole lines.
  void sort_blocks(const Item& item, int block, const Result& result, const Place* items,
                   const Place* sorted, int64_t kth) const {
    const int threads = std::min(block / 2, most_threads);
    auto call = concat_text("sort_blocks<", item.name, ", ", block, ", SortResult::", result.name,
                            ", ", items ? "false" : "true", ", ", shape_.size(), ">(", keys(sorted),
                            ", line, y + place, items, p, shared, number, part, g);\n");
    auto& kernel = commands_.kernels().get(call + result.type, [&] {
      Entry entry(Entry::name("sort", call + result.type), threads);
      entry.input(type_, "x").input(type_, "pivots").output(result.type, "y");
      entry.output(item.name + "::Type", "items")
          .value(concat_text("SortArguments<", shape_.size(), ">"), "p")
          .shared(item.name + "::Type", "shared", block)
          .body(own_line() + "  " + call);
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"sort"}));
    });
    int64_t blocks = (length_ + block - 1) / block;
    // What is not there is not looked at.
    launch(kernel, blocks, threads,
           {in_.place.read(), sorted ? sorted->read() : in_.place.read(), result.place.write(),
            items ? items->write() : result.place.write()},
           numbers(blocks, 0, kth));
  }

  /// Without a place for longer runs they are whole lines.
  void merge(const Item& item, int64_t run, Place from, const Result& result,
             const Place* to) const {
    auto call =
        concat_text("merge_runs<", item.name, ", ", merge_block, ", SortResult::", result.name,
                    ", ", to ? "false" : "true", ", ", shape_.size(),
                    ">(from, line, y + place, to, p, shared, splits, number, part, g);\n");
    auto key = concat_text(call, type_, result.type);
    auto& kernel = commands_.kernels().get(key, [&] {
      Entry entry(Entry::name("merge", key), most_threads);
      entry.input(type_, "x").input(item.name + "::Type", "from").output(result.type, "y");
      entry.output(item.name + "::Type", "to")
          .value(concat_text("SortArguments<", shape_.size(), ">"), "p")
          .shared(item.name + "::Type", "shared", merge_block)
          .shared("int64_t", "splits", 2)
          .body(own_line() + "  " + call);
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"sort"}));
    });
    int64_t blocks = (length_ + merge_block - 1) / merge_block;
    launch(kernel, blocks, most_threads,
           {in_.place.read(), from.read(), result.place.write(),
            to ? to->write() : result.place.write()},
           numbers(blocks, run, 0));
  }

  /// A pass: where items come from and go to. Without a place they are the array's, and the result.
  struct Pass {
    Item item;
    int items, shift;
    const Place* from;
    const Place* to;
    const Place* sorted;
    int64_t kth;
  };

  /// Of the parts around a pivot, or of elements.
  int key_bits(const Place* sorted) const { return sorted ? 2 : item_size(in_.dtype) * 8; }

  void sort_by_digits(const Item& item, const Result& result, const Place* sorted,
                      int64_t kth) const {
    // Positions are needed for themselves, or for elements that are no part of what is sorted.
    const std::string_view name = result.name;
    Pass pass{item, 0, 0, nullptr, nullptr, sorted, kth};
    if (name == "keys" || name == "values")
      pass.item = {concat_text("RawItem<", type_, ">"), item_size(in_.dtype)};
    // Metal's threadgroup memory has room for 16 KiB of items beside their counts.
    const int most = size() < many_elements ? 8 : 16;
    pass.items = std::min(most, 64 / pass.item.bytes);
    const int bits = key_bits(sorted);
    const int64_t tile = radix_threads * pass.items, tiles = (length_ + tile - 1) / tile;
    const size_t rows = size_t(count_) * digits;
    Place counts{commands_.scratch(rows * size_t(tiles) * sizeof(uint32_t))};
    Place totals{commands_.scratch(rows * sizeof(uint32_t))};
    Place places[2];
    for (int i = 0; i < 2 && i < (bits - 1) / digit_bits; ++i)
      places[i] = {commands_.scratch(size_t(size()) * size_t(pass.item.bytes))};
    for (int number = 0; pass.shift < bits; ++number, pass.shift += digit_bits) {
      pass.to = pass.shift + digit_bits < bits ? &places[number % 2] : nullptr;
      count_digits(pass, tiles, counts);
      add_up(tiles, counts, totals);
      move(pass, tiles, counts, totals, result);
      pass.from = pass.to;
    }
  }

  std::string source_text(const Pass& pass) const {
    if (pass.from)
      return concat_text("StoredItems<", pass.item.name, ">{from + number * p.length}");
    if (pass.item.name.starts_with("Raw"))
      return concat_text("RawItems<", type_, ">{line, p.x_step}");
    auto keys = this->keys(pass.sorted);
    auto type = keys.substr(0, keys.find('{'));
    return concat_text("KeyedItems<", pass.item.name, ", ", type, ">{", keys, "}");
  }

  void count_digits(const Pass& pass, int64_t tiles, Place counts) const {
    auto call = concat_text("radix_count<", pass.item.name, ", ", pass.items, ", ", shape_.size(),
                            ">(", source_text(pass), ", counts, p, of_simds, number, part, g);\n");
    auto& kernel = radix_kernel(call, type_, [&](Entry& entry) {
      entry.input(type_, "x").input(type_, "pivots").input(pass.item.name + "::Type", "from");
      entry.output("uint", "counts")
          .value(concat_text("SortArguments<", shape_.size(), ">"), "p")
          .shared("uint", "of_simds", radix_simds * digits)
          .body(own_line() + "  " + call);
    });
    launch(kernel, tiles, radix_threads,
           {in_.place.read(), (pass.sorted ? *pass.sorted : in_.place).read(),
            (pass.from ? *pass.from : in_.place).read(), counts.write()},
           numbers(tiles, pass.shift, pass.kth));
  }

  void add_up(int64_t tiles, Place counts, Place totals) const {
    const std::string call = "radix_offsets(counts, totals, tiles, part, g);\n";
    auto& kernel = radix_kernel(call, "", [&](Entry& entry) {
      entry.output("uint", "counts").output("uint", "totals").value("int64_t", "tiles");
      entry.shared("uint", "part", simd_width).body("  " + call);
    });
    Argument arguments[] = {counts.update(), totals.write(), Argument::value(tiles)};
    commands_.launch(kernel, {uint64_t(count_ * digits)}, {radix_threads}, arguments);
  }

  void move(const Pass& pass, int64_t tiles, Place counts, Place totals,
            const Result& result) const {
    auto target =
        pass.to ? concat_text("MovedItems<", pass.item.name, ">{to + number * p.length}")
                : concat_text("FinalItems<", pass.item.name, ", SortResult::", result.name, ", ",
                              type_, ", ", result.type, ">{y + place, p.y_step, line, p.x_step}");
    auto call = concat_text("radix_move<", pass.item.name, ", ", pass.items, ", ", shape_.size(),
                            ">(", source_text(pass), ", ", target,
                            ", offsets, totals, p, sorted, of_simds, starts, bases, parts, number, "
                            "part, g);\n");
    auto& kernel = radix_kernel(call, result.type, [&](Entry& entry) {
      auto type = pass.item.name + "::Type";
      entry.input(type_, "x").input(type_, "pivots").input(type, "from");
      entry.input("uint", "offsets").input("uint", "totals");
      entry.output(result.type, "y").output(type, "to");
      entry.value(concat_text("SortArguments<", shape_.size(), ">"), "p")
          .shared(type, "sorted", radix_threads * pass.items)
          .shared("uint", "of_simds", radix_simds * digits)
          .shared("uint", "starts", digits)
          .shared("uint", "bases", digits)
          .shared("uint", "parts", 2 * simd_width)
          .body(own_line() + "  " + call);
    });
    launch(kernel, tiles, radix_threads,
           {in_.place.read(), (pass.sorted ? *pass.sorted : in_.place).read(),
            (pass.from ? *pass.from : in_.place).read(), counts.read(), totals.read(),
            result.place.write(), (pass.to ? *pass.to : result.place).write()},
           numbers(tiles, pass.shift, pass.kth));
  }

  template <typename Fill>
  const Kernel& radix_kernel(const std::string& call, const std::string& type, Fill&& fill) const {
    auto key = concat_text(call, type_, " ", type);
    return commands_.kernels().get(key, [&] {
      Entry entry(Entry::name("radix_sort", key), radix_threads);
      fill(entry);
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"radix_sort"}));
    });
  }

  Commands& commands_;
  StridedPlace in_;
  const char* type_;
  int64_t length_ = 1, x_step_ = 0, y_step_ = 1, count_ = 1;
  std::vector<int64_t> shape_, x_strides_, y_strides_;
};

/// Sorts, and then sorts by what is below, equal to and above what came to stand at kth.
void sort_parts(Commands& commands, const StridedPlace& in, int axis, int64_t kth,
                const Result& result) {
  Lines lines(commands, in, axis);
  if (lines.size() == 0) return;
  Place sorted{commands.scratch(size_t(lines.size()) * size_t(item_size(in.dtype)))};
  lines.sort(Item::plain(in.dtype), {"keys", lines.type(), sorted});
  lines.sort(Item::with_position(Dtype::Val::uint32), result, &sorted, kth);
}

}  // namespace

void sort(Commands& commands, const StridedPlace& in, int axis, Place out) {
  Lines lines(commands, in, axis);
  // Keys don't tell -0 from 0.
  bool is_float = is_half(in.dtype) || in.dtype == Dtype::Val::float32;
  if (is_float)
    lines.sort(Item::with_position(in.dtype), {"values", lines.type(), out});
  else
    lines.sort(Item::plain(in.dtype), {"keys", lines.type(), out});
}

void argsort(Commands& commands, const StridedPlace& in, int axis, Place out) {
  Lines(commands, in, axis).sort(Item::with_position(in.dtype), {"positions", "uint", out});
}

void partition(Commands& commands, const StridedPlace& in, int axis, int64_t kth, Place out) {
  sort_parts(commands, in, axis, kth, {"elements", type_name(in.dtype), out});
}

void argpartition(Commands& commands, const StridedPlace& in, int axis, int64_t kth, Place out) {
  sort_parts(commands, in, axis, kth, {"positions", "uint", out});
}

void search_sorted(Commands& commands, const StridedPlace& sequences, Place values, int64_t count,
                   bool right, Place out) {
  constexpr int threads = 256;
  auto batch = sequences.shape.first(sequences.shape.size() - 1);
  int64_t batches = 1;
  for (int n : batch) batches *= n;
  if (batches * count == 0) return;
  auto dims = std::max<size_t>(batch.size(), 1);
  auto type = type_name(sequences.dtype);
  auto call = concat_text("search_sorted<", type, ", ", right ? "true" : "false", ", ", dims, ">");
  auto& kernel = commands.kernels().get(call, [&] {
    Entry entry(Entry::name("search_sorted", call), threads);
    entry.input(type, "x")
        .input(type, "values")
        .output("uint", "y")
        .value(concat_text("SearchArguments<", dims, ">"), "p")
        .body("  " + call + "(x, values, y, p, g);\n");
    auto language = commands.device().limits().language;
    return entry.source(language, kernel_bodies(language, {"search_sorted"}));
  });
  std::vector<int64_t> numbers = {batches * count, count, sequences.shape.back(),
                                  sequences.strides.back()};
  for (int n : batch) numbers.push_back(n);
  if (batch.empty()) numbers.push_back(1);
  for (size_t d = 0; d < batch.size(); ++d) numbers.push_back(sequences.strides[d]);
  if (batch.empty()) numbers.push_back(0);
  Argument arguments[] = {sequences.place.read(), values.read(), out.write(),
                          Argument(numbers.data(), numbers.size() * sizeof(int64_t))};
  commands.launch(kernel, {uint64_t((batches * count + threads - 1) / threads)}, {threads},
                  arguments);
}

}  // namespace mlx::core::gpu
