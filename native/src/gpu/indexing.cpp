#include "gpu/indexing.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "evaluation/merged_layout.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256, pack_bytes = 16;

/// The struct of numbers that a kernel gets: its text and its values, written side by side.
class NumberStruct {
 public:
  void add(const std::string& name, int64_t value) {
    fields_ += concat_text(" int64_t ", name, ";");
    values_.push_back(value);
  }
  template <typename Range>
  void add_list(const std::string& name, const Range& list) {
    // A list of nothing still has a place, for a shape without dimensions.
    fields_ += concat_text(" int64_t ", name, "[", std::max<size_t>(list.size(), 1), "];");
    for (auto value : list) values_.push_back(value);
    if (list.size() == 0) values_.push_back(0);
  }
  std::string text() const { return "struct IndexArguments {" + fields_ + " };\n"; }
  Argument argument() const { return {values_.data(), values_.size() * sizeof(int64_t)}; }

 private:
  std::string fields_;
  std::vector<int64_t> values_;
};

int64_t product(std::span<const int32_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
}
size_t dims_of(std::span<const int32_t> shape) { return std::max<size_t>(shape.size(), 1); }

/// A shape walked in row-major order, with dimensions that lie as one merged: finding a place takes
/// a division for each but the first.
struct Walk {
  std::vector<int64_t> shape, strides;

  Walk(std::span<const int32_t> dims, std::span<const int64_t> steps) {
    MergedLayout layout(dims, {&steps, 1});
    for (int d = 0; d < layout.dims(); ++d) {
      shape.push_back(layout.shape(d));
      strides.push_back(layout.stride(0, d));
    }
  }
  size_t dims() const { return std::max<size_t>(shape.size(), 1); }
};

std::string update_type(ScatterMode mode) {
  switch (mode) {
    case ScatterMode::none:
      return "StoreUpdate";
    case ScatterMode::sum:
      return "SumUpdate";
    case ScatterMode::prod:
      return "ProductUpdate";
    case ScatterMode::max:
      return "ExtremeUpdate<true>";
    case ScatterMode::min:
      break;
  }
  return "ExtremeUpdate<false>";
}

/// Only bytes move: one type for each width.
const char* moved_type(Dtype::Val dtype) {
  static constexpr const char* names[] = {"uint8_t", "uint16_t", "", "uint32_t",
                                          "",        "",         "", "uint64_t"};
  return names[item_size(dtype) - 1];
}

/// The same statements for one number after another.
std::string in_a_loop(std::string text) {
  constexpr std::string_view leave = "return;";
  for (size_t at = 0; (at = text.find(leave, at)) != std::string::npos;)
    text.replace(at, leave.size(), "continue;");
  return "  for (int64_t number = 0; number < p.count; ++number) {\n" + text + "  }\n";
}

/// A kernel with a thread for each pack of what `body` counts as `number`, or one for all of them.
void run(Commands& commands, const char* family, const std::string& text, Entry entry,
         const NumberStruct& numbers, std::vector<Argument> arguments, int64_t count,
         bool one_by_one = false) {
  if (count == 0) return;
  auto& kernel = commands.kernels().get(concat_text(family, ":", text), [&] {
    auto language = commands.device().limits().language;
    if (one_by_one)
      entry.body(in_a_loop(text));
    else
      entry.body(concat_text("  const int64_t number = int64_t(g.tgid.x) * ", threads,
                             " + g.tid.x;\n  if (number >= p.count) return;\n", text));
    auto source = entry.source(language, kernel_bodies(language, {"index"}));
    source.entry = numbers.text() + source.entry;
    return source;
  });
  arguments.push_back(numbers.argument());
  if (one_by_one) return commands.launch(kernel, {1}, {1}, arguments);
  commands.launch(kernel, {uint64_t((count + threads - 1) / threads)}, {threads}, arguments);
}

/// Metal compares and exchanges 32 bits at most, so that wider elements are updated by one thread;
/// but sums of complex numbers are two of floats.
bool goes_one_by_one(Commands& commands, ScatterMode mode, Dtype::Val dtype) {
  return commands.device().limits().language == Language::metal && item_size(dtype) == 8 &&
         mode != ScatterMode::none && !(mode == ScatterMode::sum && dtype == Dtype::Val::complex64);
}

/// Indices of several arrays: numbers and the text that adds their places to `place`, or leaves the
/// kernel where one is out of range and dropped.
std::string add_indices(NumberStruct& numbers, Entry& entry, std::vector<Argument>& arguments,
                        std::span<const StridedPlace> indices, std::span<const int> axes,
                        const StridedPlace& target, std::span<const int32_t> slice_sizes,
                        OutOfRange out_of_range) {
  std::string text;
  for (size_t k = 0; k < indices.size(); ++k) {
    auto axis = size_t(axes[k]);
    auto n = std::to_string(k);
    if (k == 0) numbers.add_list("index_shape", indices[0].shape);
    numbers.add_list("index_strides" + n, indices[k].strides);
    numbers.add("size" + n, target.shape[axis]);
    numbers.add("ends" + n, target.shape[axis] - slice_sizes[axis] + 1);
    numbers.add("stride" + n, target.strides[axis]);
    entry.input(type_name(indices[k].dtype), "index" + n);
    arguments.push_back(indices[k].place.read());
    text += concat_text("  // ", type_name(indices[k].dtype), "\n  const int64_t at", n,
                        " = wrapped(index", n, "[place_of<", dims_of(indices[0].shape),
                        ">(which, p.index_shape, p.index_strides", n, ")], p.size", n, ");\n");
    if (out_of_range == OutOfRange::dropped)
      text += concat_text("  if (at", n, " < 0 || at", n, " >= p.ends", n,
                          ") return;\n  place += at", n, " * p.stride", n, ";\n");
    else
      text += concat_text("  place += clamped(at", n, ", p.ends", n, ") * p.stride", n, ";\n");
  }
  return text;
}

std::vector<int64_t> without_axis(std::span<const int64_t> strides, int axis) {
  std::vector<int64_t> result(strides.begin(), strides.end());
  result[size_t(axis)] = 0;
  return result;
}

}  // namespace

void gather(Commands& commands, const StridedPlace& src, std::span<const StridedPlace> indices,
            std::span<const int> axes, std::span<const int32_t> slice_sizes, Place out) {
  // The innermost dimension of more than one element moves in packs where it has no gaps.
  int width = item_size(src.dtype), pack = pack_bytes / width;
  int last = int(slice_sizes.size()) - 1;
  while (last > 0 && slice_sizes[size_t(last)] == 1) --last;
  auto fits = [&] {
    if (last < 0 || src.strides[size_t(last)] != 1 || slice_sizes[size_t(last)] % pack != 0)
      return false;
    size_t bytes = size_t(pack * width);
    if (src.place.byte_offset % bytes || out.byte_offset % bytes) return false;
    for (size_t d = 0; d < src.strides.size(); ++d)
      if (int(d) != last && src.strides[d] % pack) return false;
    // Indices along the innermost dimension begin anywhere.
    return std::find(axes.begin(), axes.end(), last) == axes.end();
  };
  while (pack > 1 && !fits()) pack /= 2;
  std::vector<int32_t> shape(slice_sizes.begin(), slice_sizes.end());
  std::vector<int64_t> strides(src.strides.begin(), src.strides.end());
  if (pack > 1) {
    shape[size_t(last)] /= pack;
    strides[size_t(last)] *= pack;
  }
  int64_t slice = product(shape);
  int64_t count = slice * (indices.empty() ? 1 : product(indices[0].shape));
  Walk in_slice(shape, strides);
  NumberStruct numbers;
  numbers.add("count", count);
  numbers.add("slice", slice);
  numbers.add_list("slice_shape", in_slice.shape);
  numbers.add_list("slice_strides", in_slice.strides);
  auto type = moved_type(src.dtype);
  std::vector<Argument> arguments = {src.place.read(), out.write()};
  Entry entry("gather", threads);
  entry.input(type, "x").output(type, "y");
  auto steps =
      add_indices(numbers, entry, arguments, indices, axes, src, slice_sizes, OutOfRange::clamped);
  entry.value("IndexArguments", "p");
  auto text = concat_text(
      "  const int64_t which = number / p.slice, inside = number - which * p.slice;\n"
      "  int64_t place = place_of<",
      in_slice.dims(), ">(inside, p.slice_shape, p.slice_strides);\n", steps, "  store_pack<", pack,
      ">(y, number * ", pack, ", load_pack<", pack, ">(x, place));\n");
  run(commands, "gather", text + std::string("  // ") + type + numbers.text(), std::move(entry),
      numbers, std::move(arguments), count);
}

void gather_axis(Commands& commands, const StridedPlace& src, const StridedPlace& indices, int axis,
                 Place out) {
  int64_t count = product(indices.shape);
  NumberStruct numbers;
  numbers.add("count", count);
  numbers.add("size", src.shape[size_t(axis)]);
  numbers.add("stride", src.strides[size_t(axis)]);
  numbers.add_list("shape", indices.shape);
  numbers.add_list("index_strides", indices.strides);
  numbers.add_list("other_strides", without_axis(src.strides, axis));
  auto type = moved_type(src.dtype), index_type = type_name(indices.dtype);
  Entry entry("gather_axis", threads);
  entry.input(type, "x").output(type, "y").input(index_type, "index").value("IndexArguments", "p");
  auto dims = dims_of(indices.shape);
  auto text =
      concat_text("  const int64_t at = wrapped(index[place_of<", dims,
                  ">(number, p.shape, p.index_strides)], p.size);\n  y[number] = x[place_of<", dims,
                  ">(number, p.shape, p.other_strides) + clamped(at, p.size) * p.stride];\n  // ",
                  type, index_type, "\n");
  run(commands, "gather_axis", text, std::move(entry), numbers,
      {src.place.read(), out.write(), indices.place.read()}, count);
}

void scatter(Commands& commands, ScatterMode mode, const StridedPlace& out,
             std::span<const StridedPlace> indices, std::span<const int> axes,
             const StridedPlace& updates, OutOfRange out_of_range) {
  size_t index_dims = updates.shape.size() - out.shape.size();
  auto slice_sizes = updates.shape.subspan(index_dims);
  int64_t slice = product(slice_sizes), count = product(updates.shape);
  Walk in_updates(updates.shape, updates.strides), in_slice(slice_sizes, out.strides);
  NumberStruct numbers;
  numbers.add("count", count);
  numbers.add("slice", slice);
  numbers.add_list("shape", in_updates.shape);
  numbers.add_list("strides", in_updates.strides);
  numbers.add_list("slice_shape", in_slice.shape);
  numbers.add_list("slice_strides", in_slice.strides);
  auto type = mode == ScatterMode::none ? moved_type(out.dtype) : type_name(out.dtype);
  std::vector<Argument> arguments = {updates.place.read(), out.place.update()};
  Entry entry("scatter", threads);
  entry.input(type, "x").output(type, "y");
  auto steps =
      add_indices(numbers, entry, arguments, indices, axes, out, slice_sizes, out_of_range);
  entry.value("IndexArguments", "p");
  auto text = concat_text(
      "  const int64_t which = number / p.slice, inside = number - which * p.slice;\n"
      "  int64_t place = place_of<",
      in_slice.dims(), ">(inside, p.slice_shape, p.slice_strides);\n", steps, "  ",
      update_type(mode), "::at(y + place, x[place_of<", in_updates.dims(),
      ">(number, p.shape, p.strides)]);\n  // ", type, numbers.text());
  run(commands, "scatter", text, std::move(entry), numbers, std::move(arguments), count,
      goes_one_by_one(commands, mode, out.dtype));
}

void scatter_axis(Commands& commands, ScatterMode mode, const StridedPlace& out,
                  const StridedPlace& indices, int axis, const StridedPlace& updates) {
  int64_t count = product(updates.shape);
  NumberStruct numbers;
  numbers.add("count", count);
  numbers.add("size", out.shape[size_t(axis)]);
  numbers.add("stride", out.strides[size_t(axis)]);
  numbers.add_list("shape", updates.shape);
  numbers.add_list("strides", updates.strides);
  numbers.add_list("index_strides", indices.strides);
  numbers.add_list("other_strides", without_axis(out.strides, axis));
  auto type = mode == ScatterMode::none ? moved_type(out.dtype) : type_name(out.dtype);
  auto index_type = type_name(indices.dtype);
  Entry entry("scatter_axis", threads);
  entry.input(type, "x").output(type, "y").input(index_type, "index").value("IndexArguments", "p");
  auto dims = dims_of(updates.shape);
  auto text = concat_text("  const int64_t at = wrapped(index[place_of<", dims,
                          ">(number, p.shape, p.index_strides)], p.size);\n"
                          "  if (at < 0 || at >= p.size) return;\n  ",
                          update_type(mode), "::at(y + place_of<", dims,
                          ">(number, p.shape, p.other_strides) + at * p.stride, x[place_of<", dims,
                          ">(number, p.shape, p.strides)]);\n  // ", type, index_type, "\n");
  run(commands, "scatter_axis", text, std::move(entry), numbers,
      {updates.place.read(), out.place.update(), indices.place.read()}, count,
      goes_one_by_one(commands, mode, out.dtype));
}

}  // namespace mlx::core::gpu
