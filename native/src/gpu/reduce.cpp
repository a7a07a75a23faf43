#include "gpu/reduce.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numeric>

#include "evaluation/merged_layout.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

constexpr int threads = 256, simd_width = 32, column_lanes = 8;
constexpr int pack_bytes = 16;
// Packs that a thread should have at the least before a row is shared by more groups.
constexpr int64_t packs_a_thread = 8;
// Groups on every multiprocessor at a time. More cost the second pass more than they gain.
constexpr int64_t groups_a_multiprocessor = 4;

/// The structs of kernels/reduce_ops.h.
std::string op_type(ReduceOp op, Dtype::Val in, Dtype::Val out) {
  auto t = type_name(in), o = type_name(out);
  bool is_float = in == Dtype::Val::float32 || is_half(in);
  switch (op) {
    case ReduceOp::sum:
      if (in == Dtype::Val::complex64) return "ComplexSum";
      return concat_text(is_float ? "FloatSumOf<" : "SumOf<", t, ", ", o, ">");
    case ReduceOp::prod:
      return concat_text(is_half(in) ? "HalfProductOf<" : "ProductOf<", t, ", ", o, ">");
    case ReduceOp::max:
      return concat_text("ExtremeOf<", t, ", true>");
    case ReduceOp::min:
      return concat_text("ExtremeOf<", t, ", false>");
    case ReduceOp::all:
      return concat_text("LogicalOf<", t, ", true>");
    case ReduceOp::any:
      return concat_text("LogicalOf<", t, ", false>");
    case ReduceOp::argmax:
      return concat_text("ArgExtremeOf<", t, ", true>");
    case ReduceOp::argmin:
      break;
  }
  return concat_text("ArgExtremeOf<", t, ", false>");
}

/// What lies along an axis or several, in as few dimensions as can be.
struct Extent {
  SmallVector<int64_t, 8> shape, strides;
  int64_t size, reach;

  int dims() const { return int(shape.size()); }
};

Extent merge(std::span<const int32_t> shape, std::span<const int64_t> strides) {
  MergedLayout layout(shape, {&strides, 1});
  Extent extent{{}, {}, int64_t(layout.size()), layout.reach(0)};
  for (int d = 0; d < layout.dims(); ++d) {
    extent.shape.push_back(layout.shape(d));
    extent.strides.push_back(layout.stride(0, d));
  }
  // The kernels want one dimension at the least.
  if (extent.shape.empty()) {
    extent.shape.push_back(1);
    extent.strides.push_back(0);
  }
  return extent;
}

class Reduction {
 public:
  Reduction(Commands& commands, ReduceOp op, const StridedPlace& in, std::span<const int> axes,
            Dtype::Val out_dtype)
      : commands_(commands),
        in_(in),
        in_type_(type_name(in.dtype)),
        out_type_(type_name(out_dtype)) {
    op_ = op_type(op, in.dtype, out_dtype);
    std::vector<int32_t> kept_shape, reduced_shape;
    std::vector<int64_t> kept_strides, reduced_strides;
    std::vector<int> order(axes.begin(), axes.end());
    // Positions are counted along the one axis; otherwise the order is what memory likes.
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      return std::abs(in.strides[size_t(a)]) > std::abs(in.strides[size_t(b)]);
    });
    for (int axis : order) {
      reduced_shape.push_back(in.shape[size_t(axis)]);
      reduced_strides.push_back(in.strides[size_t(axis)]);
    }
    for (size_t d = 0; d < in.shape.size(); ++d)
      if (std::find(axes.begin(), axes.end(), int(d)) == axes.end()) {
        kept_shape.push_back(in.shape[d]);
        kept_strides.push_back(in.strides[d]);
      }
    kept_ = merge(kept_shape, kept_strides);
    reduced_ = merge(reduced_shape, reduced_strides);
  }

  void run(Place out) {
    rows_ = kept_.size;
    length_ = reduced_.size;
    if (rows_ == 0) return;
    int64_t reach = kept_.reach + reduced_.reach;
    index_ = std::max({reach, rows_, length_}) >= INT32_MAX ? "ulong" : "uint";
    if (is_columns())
      run_columns(out);
    else
      run_rows(in_.place, in_type_, "", out);
  }

 private:
  int64_t last(const Extent& extent) const { return extent.strides.back(); }

  /// The innermost dimension stays, and is wide enough for a simdgroup.
  bool is_columns() const {
    return length_ > 1 && last(kept_) == 1 && kept_.shape.back() >= simd_width / 2 &&
           last(reduced_) != 1;
  }

  bool is_aligned(int pack) const {
    size_t bytes = size_t(pack * item_size(in_.dtype));
    return in_.place.byte_offset % bytes == 0;
  }
  static bool steps_fit(const Extent& extent, int count, int pack) {
    for (int d = 0; d < count; ++d)
      if (extent.strides[size_t(d)] % pack != 0) return false;
    return true;
  }

  int64_t wanted_groups() const {
    return int64_t(commands_.device().limits().multiprocessors) * groups_a_multiprocessor;
  }

  const Kernel& kernel(const std::string& call, const std::string& in_type, const char* out_type,
                       int part_size) {
    auto arguments = concat_text("ReduceArguments<", kept_.dims(), ", ", reduced_.dims(), ">");
    auto key = concat_text("reduce:", call, in_type, out_type);
    return commands_.kernels().get(key, [&] {
      Entry entry(Entry::name("reduce", key), threads);
      entry.input(in_type, "x")
          .output(out_type, "y")
          .value(arguments, "p")
          .shared(op_ + "::Acc", "part", part_size)
          .body("  " + call + "(x, y, p, part, g);\n");
      auto language = commands_.device().limits().language;
      return entry.source(language, kernel_bodies(language, {"reduce"}));
    });
  }

  SmallVector<int64_t, 32> arguments(int64_t rows, int64_t length, int64_t chunk,
                                     int64_t splits) const {
    SmallVector<int64_t, 32> numbers{rows, length, chunk, splits};
    for (auto* extent : {&kept_, &reduced_}) {
      for (auto n : extent->shape) numbers.push_back(n);
      for (auto n : extent->strides) numbers.push_back(n);
    }
    return numbers;
  }

  void launch(const Kernel& kernel, Size3 groups, Place from, Place to,
              const SmallVector<int64_t, 32>& numbers) {
    Argument arguments[] = {from.read(), to.write(),
                            Argument(numbers.data(), numbers.size() * sizeof(int64_t))};
    commands_.launch(kernel, groups, {threads}, arguments);
  }

  std::string acc_type() const { return op_ + "::Acc"; }
  /// Room for what a first pass leaves: an accumulator is at most two complex numbers.
  Place partial(int64_t splits) { return {commands_.scratch(size_t(rows_ * splits) * 16)}; }

  /// `loader` is the struct that makes accumulators of what is read: the op itself when empty.
  void run_rows(Place from, const std::string& in_type, const std::string& loader, Place out) {
    bool dense = reduced_.dims() == 1 && last(reduced_) == 1 && loader.empty();
    int pack = dense ? pack_bytes / item_size(in_.dtype) : 1;
    while (pack > 1 &&
           !(is_aligned(pack) && steps_fit(kept_, kept_.dims(), pack) && length_ >= pack))
      pack /= 2;
    int64_t packs = (length_ + pack - 1) / pack;
    int lanes =
        packs >= 2 * threads
            ? threads
            : int(std::min<int64_t>(simd_width,
                                    int64_t(std::bit_ceil(uint64_t(std::max<int64_t>(packs, 1))))));
    int64_t groups = (rows_ * lanes + threads - 1) / threads;
    int64_t splits = 1;
    if (lanes == threads)
      splits = std::clamp(wanted_groups() / groups, int64_t(1),
                          std::max<int64_t>(packs / (threads * packs_a_thread), 1));
    int64_t chunk = (packs + splits - 1) / splits * pack;
    splits = length_ == 0 ? 1 : (length_ + chunk - 1) / chunk;
    bool is_last = splits == 1;
    auto call = concat_text("reduce_rows<", op_, ", ", loader.empty() ? op_ : loader, ", ", index_,
                            ", ", kept_.dims(), ", ", reduced_.dims(), ", ", lanes, ", ", pack,
                            ", ", is_last ? "true" : "false", ">");
    auto acc = acc_type();
    auto& kernel =
        this->kernel(call, in_type, is_last ? out_type_ : acc.c_str(), threads / simd_width);
    Place to = is_last ? out : partial(splits);
    launch(kernel, {uint64_t(groups), uint64_t(splits)}, from, to,
           arguments(rows_, length_, chunk, splits));
    if (!is_last) combine_parts(to, splits, splits, 1, out);
  }

  void run_columns(Place out) {
    int pack = pack_bytes / item_size(in_.dtype);
    while (pack > 1 && !(is_aligned(pack) && kept_.shape.back() % pack == 0 &&
                         steps_fit(kept_, kept_.dims() - 1, pack) &&
                         steps_fit(reduced_, reduced_.dims(), pack)))
      pack /= 2;
    int64_t groups = (rows_ + simd_width * pack - 1) / (simd_width * pack);
    int64_t splits = std::clamp(wanted_groups() / groups, int64_t(1),
                                std::max<int64_t>(length_ / (column_lanes * packs_a_thread), 1));
    int64_t chunk = (length_ + splits - 1) / splits;
    splits = (length_ + chunk - 1) / chunk;
    bool is_last = splits == 1;
    auto call =
        concat_text("reduce_columns<", op_, ", ", op_, ", ", index_, ", ", kept_.dims(), ", ",
                    reduced_.dims(), ", ", pack, ", ", is_last ? "true" : "false", ">");
    auto acc = acc_type();
    auto& kernel = this->kernel(call, in_type_, is_last ? out_type_ : acc.c_str(), threads * pack);
    Place to = is_last ? out : partial(splits);
    launch(kernel, {uint64_t(groups), uint64_t(splits)}, in_.place, to,
           arguments(rows_, length_, chunk, splits));
    if (!is_last) combine_parts(to, splits, 1, rows_, out);
  }

  /// The second pass: rows of accumulators.
  void combine_parts(Place parts, int64_t splits, int64_t row_stride, int64_t part_stride,
                     Place out) {
    kept_ = {{rows_}, {row_stride}, rows_, 0};
    reduced_ = {{splits}, {part_stride}, splits, 0};
    length_ = splits;
    run_rows(parts, acc_type(), "PartsOf<" + op_ + ">", out);
  }

  Commands& commands_;
  StridedPlace in_;
  std::string op_, in_type_;
  const char* out_type_;
  const char* index_ = "uint";
  Extent kept_, reduced_;
  int64_t rows_ = 0, length_ = 0;
};

}  // namespace

void reduce(Commands& commands, ReduceOp op, const StridedPlace& in, std::span<const int> axes,
            Dtype::Val out_dtype, Place out) {
  Reduction(commands, op, in, axes, out_dtype).run(out);
}

}  // namespace mlx::core::gpu
