#include "cpu/fft/fft.h"

#include <algorithm>

#include "cpu/fft/block_transform.h"
#include "cpu/fft/line_transform.h"
#include "cpu/fft/plan_cache.h"
#include "cpu/fft/spectrum_kernels.h"
#include "cpu/matmul/scratch.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr size_t kTaskElements = 32768;
// Fewer lines than this, if they are long, are transformed one by one, each on all threads.
constexpr size_t kFewLines = 4;
constexpr size_t kLongLine = 32768;
constexpr size_t kIn = 0, kOut = 1;

/// The lines along an axis; steps count floats.
struct Lines {
  LoopAxes<2> starts;
  const float* in;
  int64_t in_step;
  float* out;
  int64_t out_step;
  size_t count;

  Lines(const StridedInput& view, size_t axis, size_t in_width, int64_t out_length,
        size_t out_width, void* to)
      : in(static_cast<const float*>(view.data)), out(static_cast<float*>(to)) {
    SmallVector<int32_t, 6> out_shape;
    for (size_t i = 0; i < view.shape.size(); ++i)
      out_shape.push_back(i == axis ? int32_t(out_length) : view.shape[i]);
    auto out_strides = contiguous_strides({out_shape.data(), out_shape.size()});
    starts = make_loop<2>(view.shape, {view.strides, {out_strides.data(), out_strides.size()}});
    for (auto& one : starts) {
      one.stride[kIn] *= int64_t(in_width);
      one.stride[kOut] *= int64_t(out_width);
    }
    in_step = starts[axis].stride[kIn];
    out_step = starts[axis].stride[kOut];
    starts.erase(starts.begin() + axis);
    starts = collapse(starts);
    count = size_t(loop_size(starts));
  }
};

/// One kind of transform: what happens to a block of lines, and to a line by itself.
class Transform {
 public:
  virtual ~Transform() = default;
  /// Rows that a block needs.
  virtual size_t block_rows() const = 0;
  /// The layouts' starts are set; memory is a block's and what its transform needs.
  virtual void run_block(LaneLayout in, LaneLayout out, const Lines& lines,
                         float* memory) const = 0;
  virtual void run_line(const float* in, float* out, const Lines& lines) const = 0;

  void run(const Lines& lines) const;

 protected:
  explicit Transform(size_t complex_length, float scale)
      : plan_(line_plan(complex_length)), scale_(scale) {}

  size_t length() const { return plan_->length; }
  const LinePlan& plan() const { return *plan_; }
  float scale() const { return scale_; }
  /// The rows of a block, behind which there is memory to work in.
  void transform_in_place(float* block) const {
    transform_columns(*plan_->columns, const_block_rows(block), cpu::block_rows(block), 1,
                      block + block_rows() * kRow);
  }

 private:
  void run_blocks(const Lines& lines) const;
  void run_lines(const Lines& lines) const;

  std::shared_ptr<const LinePlan> plan_;
  float scale_;
};

void Transform::run(const Lines& lines) const {
  size_t blocks = (lines.count + kLanes - 1) / kLanes;
  if (plan_->columns &&
      double(blocks) * plan_->block_cost <= double(lines.count) * plan_->line_cost)
    run_blocks(lines);
  else
    run_lines(lines);
}

void Transform::run_blocks(const Lines& lines) const {
  size_t blocks = (lines.count + kLanes - 1) / kLanes;
  size_t grain = std::max<size_t>(1, kTaskElements / (block_rows() * kLanes));
  parallel_for(blocks, grain, [&](size_t begin, size_t end) {
    Scratch<float> memory(int64_t((block_rows() + block_memory_rows(*plan_->columns)) * kRow));
    LoopIterator<2> line(lines.starts, int64_t(begin * kLanes));
    for (size_t b = begin; b < end; ++b) {
      LaneLayout in{}, out{};
      in.lanes = out.lanes = std::min(kLanes, lines.count - b * kLanes);
      for (size_t lane = 0; lane < in.lanes; ++lane, line.next()) {
        in.starts[lane] = line.offset(kIn);
        out.starts[lane] = line.offset(kOut);
      }
      run_block(in, out, lines, memory.data());
    }
  });
}

void Transform::run_lines(const Lines& lines) const {
  auto run_some = [&](size_t begin, size_t end) {
    LoopIterator<2> line(lines.starts, int64_t(begin));
    for (size_t i = begin; i < end; ++i, line.next())
      run_line(lines.in + line.offset(kIn), lines.out + line.offset(kOut), lines);
  };
  if (lines.count < kFewLines && length() >= kLongLine)
    run_some(0, lines.count);
  else
    parallel_for(lines.count, std::max<size_t>(1, kTaskElements / length()), run_some);
}

class ComplexTransform : public Transform {
 public:
  ComplexTransform(size_t length, bool inverse, float scale)
      : Transform(length, scale), inverse_(inverse) {}

  size_t block_rows() const override { return length(); }

  void run_block(LaneLayout in, LaneLayout out, const Lines& lines, float* memory) const override {
    in.step = lines.in_step;
    out.step = lines.out_step;
    in.part_step = out.part_step = 1;
    transform_block(*plan().columns, in, lines.in, out, lines.out, inverse_, scale(), memory);
  }

  void run_line(const float* in, float* out, const Lines& lines) const override {
    transform_line(plan(), {in, lines.in_step, 1}, {out, lines.out_step, 1}, inverse_, scale());
  }

 private:
  bool inverse_;
};

void copy_line(ConstLine from, Line to, size_t length) {
  for (size_t i = 0; i < length; ++i) {
    const float* x = from.data + int64_t(i) * from.step;
    float* y = to.data + int64_t(i) * to.step;
    y[0] = x[0];
    y[1] = x[1];
  }
}

/// Real lines of even length, as complex ones of half the length.
class EvenRealTransform : public Transform {
 public:
  EvenRealTransform(size_t length, float scale)
      : Transform(length / 2, scale), spectrum_(spectrum_plan(length / 2)) {}

  size_t block_rows() const override { return length() + 1; }

  void run_block(LaneLayout in, LaneLayout out, const Lines& lines, float* memory) const override {
    in.step = 2 * lines.in_step;
    in.part_step = lines.in_step;
    out.step = lines.out_step;
    out.part_step = 1;
    load_block(in, lines.in, length(), false, memory);
    transform_in_place(memory);
    split_block(spectrum_->roots.data(), length(), memory);
    store_block(out, memory, length() + 1, false, scale(), lines.out);
  }

  void run_line(const float* in, float* out, const Lines& lines) const override {
    bool dense = lines.out_step == 2;
    Scratch<float> memory(dense ? 0 : int64_t(2 * (length() + 1)));
    float* line = dense ? out : memory.data();
    transform_line(plan(), {in, 2 * lines.in_step, lines.in_step}, {line, 2, 1}, false, scale());
    split_line(spectrum_->roots.data(), length(), line);
    if (!dense) copy_line({line, 2, 1}, {out, lines.out_step, 1}, length() + 1);
  }

 private:
  std::shared_ptr<const SpectrumPlan> spectrum_;
};

class EvenInverseRealTransform : public Transform {
 public:
  EvenInverseRealTransform(size_t length, float scale)
      : Transform(length / 2, scale), spectrum_(spectrum_plan(length / 2)) {}

  size_t block_rows() const override { return length() + 1; }

  void run_block(LaneLayout in, LaneLayout out, const Lines& lines, float* memory) const override {
    in.step = lines.in_step;
    in.part_step = 1;
    out.step = 2 * lines.out_step;
    out.part_step = lines.out_step;
    load_block(in, lines.in, length() + 1, false, memory);
    join_block(spectrum_->roots.data(), length(), memory);
    transform_in_place(memory);
    store_block(out, memory, length(), true, scale(), lines.out);
  }

  void run_line(const float* in, float* out, const Lines& lines) const override {
    Scratch<float> memory(int64_t(2 * (length() + 1)));
    float* line = memory.data();
    copy_line({in, lines.in_step, 1}, {line, 2, 1}, length() + 1);
    join_line(spectrum_->roots.data(), length(), line);
    transform_line(plan(), {line, 2, 1}, {out, 2 * lines.out_step, lines.out_step}, true, scale());
  }

 private:
  std::shared_ptr<const SpectrumPlan> spectrum_;
};

/// Real lines of odd length, as complex ones.
class OddRealTransform : public Transform {
 public:
  OddRealTransform(size_t length, float scale) : Transform(length, scale) {}

  size_t block_rows() const override { return length(); }

  void run_block(LaneLayout in, LaneLayout out, const Lines& lines, float* memory) const override {
    in.step = lines.in_step;
    in.part_step = kNoImaginaryPart;
    out.step = lines.out_step;
    out.part_step = 1;
    load_block(in, lines.in, length(), false, memory);
    transform_in_place(memory);
    store_block(out, memory, length() / 2 + 1, false, scale(), lines.out);
  }

  void run_line(const float* in, float* out, const Lines& lines) const override {
    Scratch<float> memory(int64_t(2 * length()));
    float* line = memory.data();
    transform_line(plan(), {in, lines.in_step, kNoImaginaryPart}, {line, 2, 1}, false, scale());
    copy_line({line, 2, 1}, {out, lines.out_step, 1}, length() / 2 + 1);
  }
};

class OddInverseRealTransform : public Transform {
 public:
  OddInverseRealTransform(size_t length, float scale) : Transform(length, scale) {}

  size_t block_rows() const override { return length(); }

  void run_block(LaneLayout in, LaneLayout out, const Lines& lines, float* memory) const override {
    in.step = lines.in_step;
    in.part_step = 1;
    out.step = lines.out_step;
    out.part_step = kNoImaginaryPart;
    load_block(in, lines.in, length() / 2 + 1, true, memory);
    // Imaginary parts come first: they are swapped.
    std::fill_n(memory, kLanes, 0.0f);
    for (size_t k = 1; k <= length() / 2; ++k) {
      const float* row = memory + k * kRow;
      float* mirrored = memory + (length() - k) * kRow;
      for (size_t lane = 0; lane < kLanes; ++lane) {
        mirrored[lane] = -row[lane];
        mirrored[kLanes + lane] = row[kLanes + lane];
      }
    }
    transform_in_place(memory);
    store_block(out, memory, length(), true, scale(), lines.out);
  }

  void run_line(const float* in, float* out, const Lines& lines) const override {
    Scratch<float> memory(int64_t(2 * length()));
    float* line = memory.data();
    copy_line({in, lines.in_step, 1}, {line, 2, 1}, length() / 2 + 1);
    line[1] = 0;
    for (size_t k = 1; k <= length() / 2; ++k) {
      line[2 * (length() - k)] = line[2 * k];
      line[2 * (length() - k) + 1] = -line[2 * k + 1];
    }
    transform_line(plan(), {line, 2, 1}, {out, lines.out_step, kNoImaginaryPart}, true, scale());
  }
};

}  // namespace

void fft(const StridedInput& in, int axis, bool inverse, float scale, complex64_t* out) {
  size_t length = size_t(in.shape[size_t(axis)]);
  Lines lines(in, size_t(axis), 2, int64_t(length), 2, out);
  if (lines.count == 0) return;
  ComplexTransform(length, inverse, scale).run(lines);
}

void real_fft(const StridedInput& in, int axis, float scale, complex64_t* out) {
  size_t length = size_t(in.shape[size_t(axis)]);
  Lines lines(in, size_t(axis), 1, int64_t(length / 2 + 1), 2, out);
  if (lines.count == 0) return;
  if (length % 2 == 0)
    EvenRealTransform(length, scale).run(lines);
  else
    OddRealTransform(length, scale).run(lines);
}

void inverse_real_fft(const StridedInput& in, int axis, int64_t length, float scale, float* out) {
  Lines lines(in, size_t(axis), 2, length, 1, out);
  if (lines.count == 0) return;
  if (length % 2 == 0)
    EvenInverseRealTransform(size_t(length), scale).run(lines);
  else
    OddInverseRealTransform(size_t(length), scale).run(lines);
}

}  // namespace mlx::core::cpu
