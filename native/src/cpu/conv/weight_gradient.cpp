#include <algorithm>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/conv/channels.h"
#include "cpu/conv/plain_kernels.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/widen.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// So few that the inputs and cotangents that a tile reads stay in the first-level cache.
constexpr int64_t kMaxPixels = 224;

/// Every box of outputs adds to the gradient of the kernel elements that its phase has. Boxes are
/// shared out in slices with sums of their own, which are added in order in the end.
template <typename T>
class WeightGradient {
  using W = Wide<T>;

  /// One unit of channels of one phase, with sums for (tap, input channel) by output.
  struct Work {
    Phase phase;
    BoxGrid grid;
    int64_t unit, rows, slices, first_task, sums;
  };

 public:
  WeightGradient(const StridedInput& input, const StridedInput& cotangent,
                 const ConvGeometry& geometry, const StridedOutput& gradient)
      : layout_(input.shape, gradient.shape, cotangent.shape, geometry.groups),
        plan_(layout_),
        input_{static_cast<const T*>(input.data), five_strides(input.strides), layout_.input_size},
        cotangent_(static_cast<const T*>(cotangent.data)),
        cotangent_strides_(five_strides(cotangent.strides)),
        gradient_(static_cast<T*>(gradient.data)),
        unit_inputs_(plan_.depthwise ? 1 : layout_.group_inputs),
        sums_stride_(plan_.depthwise ? plan_.channels : plan_.columns) {
    for (const Phase& phase : make_phases(layout_, geometry)) {
      const int64_t rows = phase[0].taps * phase[1].taps * phase[2].taps * unit_inputs_;
      if (rows == 0 || layout_.batch == 0) continue;
      const BoxGrid grid(phase, layout_.batch, plan_.channels, kMaxPixels);
      for (int64_t unit = 0; unit < plan_.units; ++unit) {
        work_.push_back({phase, grid, unit, rows, 0, 0, total_});
        total_ += rows * sums_stride_;
      }
    }
    share_out();
  }

  void run() {
    const int64_t outputs = layout_.groups * layout_.group_outputs;
    std::fill_n(gradient_, outputs * layout_.taps() * layout_.group_inputs, T(0));
    if (total_ == 0) return;
    Scratch<W> sums(slices_ * total_);
    sums_ = sums.data();
    parallel_for(size_t(tasks_), 1, [&](size_t begin, size_t end) {
      for (size_t task = begin; task < end; ++task) run_task(int64_t(task));
    });
    constexpr size_t kGrain = 8192;
    for (const Work& work : work_)
      parallel_for(size_t(work.rows * sums_stride_), kGrain, [&](size_t begin, size_t end) {
        for (int64_t slice = 1; slice < work.slices; ++slice)
          for (size_t i = begin; i < end; ++i) {
            W& sum = sums_[work.sums + int64_t(i)];
            sum = add(sum, sums_[slice * total_ + work.sums + int64_t(i)]);
          }
      });
    for (const Work& work : work_)
      parallel_for(size_t(ceil_divide(plan_.columns, kStoreBlock)), 1,
                   [&](size_t begin, size_t end) {
                     for (size_t block = begin; block < end; ++block)
                       store(work, int64_t(block) * kStoreBlock);
                   });
  }

 private:
  /// Blocks of columns and, as every slice has sums of its own, as many slices of boxes as are
  /// still needed for enough tasks; by shape alone.
  void share_out() {
    constexpr int64_t kTasks = 16, kMaxSums = int64_t(1) << 24, kMinColumns = 64;
    block_ = plan_.columns;
    if (total_ == 0) return;
    const int64_t works = int64_t(work_.size()), wanted = ceil_divide(kTasks, works);
    if (!plan_.depthwise && kHasTiles<W>)
      block_ = std::max(kMinColumns, ceil_divide(ceil_divide(plan_.columns, wanted), 64) * 64);
    blocks_ = ceil_divide(plan_.columns, block_);
    const int64_t most =
        std::clamp<int64_t>(kMaxSums / total_, 1, ceil_divide(kTasks, works * blocks_));
    for (Work& work : work_) {
      const int64_t length = ceil_divide(work.grid.count(), std::min(most, work.grid.count()));
      work.slices = ceil_divide(work.grid.count(), length);
      slices_ = std::max(slices_, work.slices);
      work.first_task = tasks_;
      tasks_ += work.slices * blocks_;
    }
  }

  void run_task(int64_t task) {
    auto next =
        std::upper_bound(work_.begin(), work_.end(), task,
                         [](int64_t value, const Work& work) { return value < work.first_task; });
    const Work& work = *(next - 1);
    const int64_t slice = (task - work.first_task) / blocks_;
    const int64_t first = (task - work.first_task) % blocks_ * block_;
    const int64_t columns = std::min(block_, plan_.columns - first);
    const int64_t length = ceil_divide(work.grid.count(), work.slices);
    const int64_t begin = slice * length, end = std::min(work.grid.count(), begin + length);
    const int64_t width = plan_.depthwise ? plan_.channels : panels_width<W>(columns);
    Scratch<W> slab(work.grid.max_slab_pixels() * plan_.channels);
    Scratch<W> cotangent(work.grid.max_pixels() * width);
    for (int64_t i = begin; i < end; ++i) {
      const Box box = work.grid.box(i);
      copy_slab(input_, work.phase, box, plan_.slab_channels(layout_, work.unit), slab.data());
      const int64_t step = readable_step(work, box, columns);
      const W* read = cotangent.data();
      if constexpr (std::is_same_v<T, W>)
        if (step) read = first_cotangent(work, box, first);
      if (step == 0) pack_cotangent(work, box, first, columns, cotangent.data());
      differentiate(work, box, slab.data(), read, step, sums_ + slice * total_ + work.sums + first,
                    columns, i > begin);
    }
  }

  const T* first_cotangent(const Work& work, const Box& box, int64_t column) {
    const auto& strides = cotangent_strides_;
    const T* at =
        cotangent_ + box.begin[0] * strides[0] + (work.unit * plan_.columns + column) * strides[4];
    for (size_t axis = 0; axis < 3; ++axis) {
      const AxisPhase& phase = work.phase[axis];
      at += (phase.first_output + box.begin[axis + 1] * phase.output_step) * strides[axis + 1];
    }
    return at;
  }

  /// The step from output to output if tiles can read the box's cotangents where they are, 0 if
  /// they must be packed, which also pays when there are many tiles.
  int64_t readable_step(const Work& work, const Box& box, int64_t columns) {
    constexpr int64_t kFewRows = 64;
    if constexpr (!kHasTiles<W> || !std::is_same_v<T, W>) return 0;
    const auto& strides = cotangent_strides_;
    if (plan_.depthwise || work.rows > kFewRows || strides[4] != 1 ||
        panels_width<W>(columns) != columns)
      return 0;
    const int64_t step = work.phase[2].output_step * strides[3];
    int64_t next = step * box.size[3];
    for (size_t axis = 3; axis-- > 0;) {
      const int64_t actual =
          axis == 0 ? strides[0] : work.phase[axis - 1].output_step * strides[axis];
      if (box.size[axis] > 1 && actual != next) return 0;
      next *= box.size[axis];
    }
    return step;
  }

  /// Panels of (output, column).
  void pack_cotangent(const Work& work, const Box& box, int64_t first, int64_t columns, W* out) {
    const auto& strides = cotangent_strides_;
    auto pack_panel = [&](int64_t column, int64_t count, int64_t width) {
      const T* from = cotangent_ + (work.unit * plan_.columns + first + column) * strides[4];
      for_each_output(work.phase, box, [&](int64_t, const std::array<int64_t, 4>& o) {
        const T* pixel =
            from + o[0] * strides[0] + o[1] * strides[1] + o[2] * strides[2] + o[3] * strides[3];
        copy_run(pixel, strides[4], count, out);
        std::fill_n(out + count, width - count, W(0));
        out += width;
      });
    };
    if (plan_.depthwise)
      pack_panel(0, columns, plan_.channels);
    else
      for_each_panel<W>(columns, pack_panel);
  }

  void differentiate(const Work& work, const Box& box, const W* slab, const W* cotangent,
                     int64_t cotangent_step, W* sums, int64_t columns, bool accumulate) {
    const auto taps = tap_offsets(work.phase, box, plan_.channels);
    std::vector<int64_t> rows;
    for (int64_t tap : taps)
      for (int64_t c = 0; c < unit_inputs_; ++c) rows.push_back(tap + c);
    Box firsts = box;
    if (!plan_.depthwise) firsts.size[3] = 1;
    const auto runs = pixel_offsets(work.phase, firsts, plan_.channels);
    const BoxGradient<W> task{slab,
                              rows.data(),
                              int64_t(rows.size()),
                              runs.data(),
                              int64_t(runs.size()),
                              plan_.depthwise ? 1 : box.size[3],
                              work.phase[2].stride * plan_.channels,
                              cotangent,
                              cotangent_step,
                              columns,
                              sums,
                              sums_stride_,
                              accumulate};
    if constexpr (!kHasTiles<W>)
      differentiate_box_plain(task);
    else if (plan_.depthwise)
      differentiate_box_depthwise(task, plan_.channels);
    else
      differentiate_box(task);
  }

  static W add(W sum, W more) {
    if constexpr (std::is_integral_v<W>)
      return multiply_add(sum, more, W(1));
    else
      return W(sum + more);
  }

  /// Transposes the sums of some outputs from (tap, channel) by output.
  void store(const Work& work, int64_t first) {
    const auto& kernel = layout_.kernel_size;
    const int64_t inputs = unit_inputs_, taps = layout_.taps();
    const int64_t outputs = std::min(kStoreBlock, plan_.columns - first);
    Scratch<W> block(kStoreBlock * inputs);
    const W* sums = sums_ + work.sums + first;
    T* out = gradient_ + (work.unit * plan_.columns + first) * taps * inputs;
    auto at = [&](size_t axis, int64_t j) {
      return work.phase[axis].first_tap + j * work.phase[axis].tap_step;
    };
    for (int64_t i = 0; i < work.phase[0].taps; ++i)
      for (int64_t j = 0; j < work.phase[1].taps; ++j)
        for (int64_t k = 0; k < work.phase[2].taps; ++k) {
          for (int64_t c = 0; c < inputs; ++c, sums += sums_stride_)
            for (int64_t o = 0; o < outputs; ++o) block.data()[o * inputs + c] = sums[o];
          const int64_t tap = (at(0, i) * kernel[1] + at(1, j)) * kernel[2] + at(2, k);
          for (int64_t o = 0; o < outputs; ++o)
            narrow(block.data() + o * inputs, inputs, out + (o * taps + tap) * inputs);
        }
  }

  static constexpr int64_t kStoreBlock = 16;
  const ConvLayout layout_;
  const ChannelPlan<W> plan_;
  const ConvInput<T> input_;
  const T* const cotangent_;
  const std::array<int64_t, 5> cotangent_strides_;
  T* const gradient_;
  const int64_t unit_inputs_, sums_stride_;
  std::vector<Work> work_;
  int64_t total_ = 0, slices_ = 1, block_ = 1, blocks_ = 1, tasks_ = 0;
  W* sums_ = nullptr;
};

}  // namespace

void conv_weight_gradient(const StridedInput& input, const StridedInput& cotangent,
                          const ConvGeometry& geometry, const StridedOutput& weight_gradient) {
  for (int32_t size : weight_gradient.shape)
    if (size == 0) return;
  dispatch_dtype(weight_gradient.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    WeightGradient<T>(input, cotangent, geometry, weight_gradient).run();
  });
}

}  // namespace mlx::core::cpu
