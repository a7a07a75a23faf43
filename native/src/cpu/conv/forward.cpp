#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/conv/channels.h"
#include "cpu/conv/plain_kernels.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/widen.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// Enough to use a panel of weights often while it is near.
constexpr int64_t kMaxPixels = 1024;

template <typename T>
class Forward {
  using W = Wide<T>;

  struct Work {
    Phase phase;
    BoxGrid grid;
    int64_t taps, first_task, weights;
  };

 public:
  Forward(const StridedInput& input, const StridedInput& weight, const ConvGeometry& geometry,
          const StridedOutput& output)
      : layout_(input.shape, weight.shape, output.shape, geometry.groups),
        plan_(layout_),
        input_{static_cast<const T*>(input.data), five_strides(input.strides), layout_.input_size},
        weight_(static_cast<const T*>(weight.data)),
        weight_strides_(five_strides(weight.strides)),
        output_(static_cast<T*>(output.data)) {
    const int64_t unit_width = plan_.depthwise ? plan_.channels : panels_width<W>(plan_.columns);
    unit_inputs_ = plan_.depthwise ? 1 : layout_.group_inputs;
    int64_t tasks = 0, weights = 0, outputs = 0;
    for (const Phase& phase : make_phases(layout_, geometry)) {
      const int64_t taps =
          layout_.group_inputs == 0 ? 0 : phase[0].taps * phase[1].taps * phase[2].taps;
      work_.push_back(
          {phase, BoxGrid(phase, layout_.batch, plan_.channels, kMaxPixels), taps, tasks, weights});
      tasks += work_.back().grid.count() * plan_.units;
      weights += plan_.units * taps * unit_inputs_ * unit_width;
      outputs += phase[0].outputs * phase[1].outputs * phase[2].outputs;
    }
    const auto& size = layout_.output_size;
    has_gaps_ = outputs < size[0] * size[1] * size[2];
    tasks_ = tasks;
    unit_width_ = unit_width;
    weights_.emplace(weights);
  }

  void run() {
    if (has_gaps_) clear();
    for (const Work& work : work_) pack_weights(work);
    parallel_for(size_t(tasks_), 1, [&](size_t begin, size_t end) {
      for (size_t task = begin; task < end; ++task) {
        auto work =
            std::upper_bound(work_.begin(), work_.end(), int64_t(task),
                             [](int64_t value, const Work& w) { return value < w.first_task; });
        --work;
        const int64_t index = int64_t(task) - work->first_task;
        convolve(*work, work->grid.box(index / plan_.units), index % plan_.units);
      }
    });
  }

 private:
  void clear() {
    constexpr size_t kGrain = 1 << 16;
    const auto& size = layout_.output_size;
    const int64_t count =
        layout_.batch * size[0] * size[1] * size[2] * layout_.groups * layout_.group_outputs;
    parallel_for(size_t(count), kGrain, [&](size_t begin, size_t end) {
      std::fill(output_ + begin, output_ + end, T(0));
    });
  }

  W* unit_weights(const Work& work, int64_t unit) {
    return weights_->data() + work.weights + unit * work.taps * unit_inputs_ * unit_width_;
  }

  /// Calls f(tap, offset) with a kernel element's number in the phase and its place in the weight.
  template <typename F>
  void for_each_tap(const Phase& phase, F&& f) {
    int64_t tap = 0;
    auto at = [&](size_t axis, int64_t j) {
      return (phase[axis].first_tap + j * phase[axis].tap_step) * weight_strides_[axis + 1];
    };
    for (int64_t i = 0; i < phase[0].taps; ++i)
      for (int64_t j = 0; j < phase[1].taps; ++j)
        for (int64_t k = 0; k < phase[2].taps; ++k, ++tap) f(tap, at(0, i) + at(1, j) + at(2, k));
  }

  void pack_weights(const Work& work) {
    if (work.taps == 0) return;
    if (plan_.depthwise) return pack_depthwise(work);
    struct Panel {
      int64_t unit, first, columns, width;
      W* to;
    };
    std::vector<Panel> panels;
    for (int64_t unit = 0; unit < plan_.units; ++unit) {
      W* to = unit_weights(work, unit);
      for_each_panel<W>(plan_.columns, [&](int64_t first, int64_t columns, int64_t width) {
        panels.push_back({unit, first, columns, width, to});
        to += work.taps * unit_inputs_ * width;
      });
    }
    constexpr int64_t kGrain = 16384;
    const int64_t size = work.taps * unit_inputs_ * panels[0].width;
    parallel_for(
        panels.size(), size_t(std::max<int64_t>(1, kGrain / size)), [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) {
            const Panel& p = panels[i];
            const T* from = weight_ + (p.unit * plan_.columns + p.first) * weight_strides_[0];
            pack_panel(work, from, p.columns, p.width, p.to);
          }
        });
  }

  /// (tap, channel) by column.
  void pack_panel(const Work& work, const T* weight, int64_t columns, int64_t width, W* panel) {
    const int64_t inputs = unit_inputs_, stride = weight_strides_[4];
    if (columns < width) std::fill_n(panel, work.taps * inputs * width, W(0));
    const bool by_columns = std::abs(weight_strides_[0]) < std::abs(stride);
    Scratch<W> channels(inputs);
    for_each_tap(work.phase, [&](int64_t tap, int64_t offset) {
      W* to = panel + tap * inputs * width;
      if (by_columns) {
        for (int64_t c = 0; c < inputs; ++c)
          copy_run(weight + offset + c * stride, weight_strides_[0], columns, to + c * width);
        return;
      }
      for (int64_t x = 0; x < columns; ++x) {
        copy_run(weight + offset + x * weight_strides_[0], stride, inputs, channels.data());
        for (int64_t c = 0; c < inputs; ++c) to[c * width + x] = channels.data()[c];
      }
    });
  }

  void pack_depthwise(const Work& work) {
    W* weights = unit_weights(work, 0);
    std::fill_n(weights, work.taps * unit_width_, W(0));
    for_each_tap(work.phase, [&](int64_t tap, int64_t offset) {
      copy_run(weight_ + offset, weight_strides_[0], plan_.columns, weights + tap * unit_width_);
    });
  }

  void convolve(const Work& work, const Box& box, int64_t unit) {
    const int64_t pixels = box.pixels(), columns = plan_.columns, channels = plan_.channels;
    Scratch<W> slab(std::max<int64_t>(1, box.slab_pixels() * channels));
    if (work.taps > 0)
      copy_slab(input_, work.phase, box, plan_.slab_channels(layout_, unit), slab.data());

    // Elements that neighbouring taps meet lie side by side, whole rows of taps if they are dense.
    Phase stretches = work.phase;
    int64_t run_length = plan_.depthwise ? 1 : channels;
    if (!plan_.depthwise && stretches[2].dilation == 1 && stretches[2].taps > 0) {
      run_length *= stretches[2].taps;
      stretches[2].taps = 1;
    }
    const auto runs =
        work.taps > 0 ? tap_offsets(stretches, box, channels) : std::vector<int64_t>();
    const auto offsets = pixel_offsets(work.phase, box, channels);

    std::vector<T*> results(static_cast<size_t>(pixels));
    for_each_output(work.phase, box, [&](int64_t pixel, const std::array<int64_t, 4>& o) {
      const auto& size = layout_.output_size;
      const int64_t place = ((o[0] * size[0] + o[1]) * size[1] + o[2]) * size[2] + o[3];
      results[size_t(pixel)] =
          output_ + place * layout_.groups * layout_.group_outputs + unit * columns;
    });
    BoxForward<W> task{
        slab.data(), offsets.data(),           pixels,  runs.data(), int64_t(runs.size()),
        run_length,  unit_weights(work, unit), columns, nullptr};
    if constexpr (std::is_same_v<T, W>) {
      task.out = results.data();
      compute(task);
    } else {
      Scratch<W> sums(pixels * columns);
      std::vector<W*> rows(static_cast<size_t>(pixels));
      for (size_t p = 0; p < rows.size(); ++p) rows[p] = sums.data() + int64_t(p) * columns;
      task.out = rows.data();
      compute(task);
      for (size_t p = 0; p < rows.size(); ++p) narrow(rows[p], columns, results[p]);
    }
  }

  void compute(const BoxForward<W>& task) {
    if constexpr (!kHasTiles<W>)
      convolve_box_plain(task);
    else if (plan_.depthwise)
      convolve_box_depthwise(task, plan_.channels);
    else
      convolve_box(task);
  }

  const ConvLayout layout_;
  const ChannelPlan<W> plan_;
  const ConvInput<T> input_;
  const T* const weight_;
  const std::array<int64_t, 5> weight_strides_;
  T* const output_;
  std::vector<Work> work_;
  /// Some outputs are in no phase.
  bool has_gaps_;
  int64_t tasks_, unit_inputs_, unit_width_;
  std::optional<Scratch<W>> weights_;
};

}  // namespace

void conv_forward(const StridedInput& input, const StridedInput& weight,
                  const ConvGeometry& geometry, const StridedOutput& output) {
  for (int32_t size : output.shape)
    if (size == 0) return;
  dispatch_dtype(output.dtype, [&](auto tag) {
    Forward<typename decltype(tag)::type>(input, weight, geometry, output).run();
  });
}

}  // namespace mlx::core::cpu
