#include "cpu/normalization/normalization.h"

#include <algorithm>
#include <cmath>

#include "array/dtype_dispatch.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/widen.h"
#include "cpu/normalization/row_kernels.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kTaskElements = 32768;

/// Memory to convert one row of a half type in; other rows are used where they lie.
template <typename T>
class RowBuffer {
 public:
  explicit RowBuffer(int64_t columns) : buffer_(is_half_v<T> ? columns : 0) {}

  const Wide<T>* read(const T* row, int64_t columns) {
    if constexpr (!is_half_v<T>) return row;
    widen(row, columns, buffer_.data());
    return buffer_.data();
  }
  /// Where to put a row that `write` then stores.
  Wide<T>* place(T* row) {
    if constexpr (!is_half_v<T>) return row;
    return buffer_.data();
  }
  void write(T* row, int64_t columns) {
    if constexpr (is_half_v<T>) narrow(buffer_.data(), columns, row);
  }

 private:
  Scratch<Wide<T>> buffer_;
};

template <typename T>
class Rows {
 public:
  using W = Wide<T>;

  explicit Rows(const NormalizationArgs& args)
      : args_(args), columns_(args.columns), buffer_(columns_), weight_(buffer_.data()) {
    widen(static_cast<const T*>(args.weight), columns_, buffer_.data());
  }

  void normalize(const T* bias, T* out) {
    Scratch<W> shift(bias ? columns_ : 0);
    if (bias) widen(bias, columns_, shift.data());
    const size_t grain = size_t(std::max<int64_t>(1, kTaskElements / columns_));
    parallel_for(size_t(args_.rows), grain, [&](size_t begin, size_t end) {
      RowBuffer<T> in(columns_), result(columns_);
      for (size_t r = begin; r < end; ++r) {
        const W* x = in.read(row(args_.x, r), columns_);
        const auto [mean, scale] = moments(x);
        T* to = out + int64_t(r) * columns_;
        kernels_.apply(x, size_t(columns_), mean, scale, weight_, bias ? shift.data() : nullptr,
                       result.place(to));
        result.write(to, columns_);
      }
    });
  }

  void gradient(const void* dy, T* dx, T* d_weight, T* d_bias) {
    // Each task sums the vectors' gradients over its rows; there are few tasks, so that these sums
    // stay small beside x.
    constexpr int64_t kMaxTasks = 64;
    const int64_t rows = args_.rows, vectors = d_bias ? 2 : 1;
    const int64_t grain =
        std::max({int64_t(1), kTaskElements / columns_, (rows + kMaxTasks - 1) / kMaxTasks});
    const int64_t tasks = (rows + grain - 1) / grain;
    Scratch<W> sums((tasks + 1) * vectors * columns_);
    std::fill_n(sums.data(), (tasks + 1) * vectors * columns_, W(0));
    parallel_for(size_t(rows), size_t(grain), [&](size_t begin, size_t end) {
      W* d_scale = sums.data() + (int64_t(begin) / grain + 1) * vectors * columns_;
      RowBuffer<T> in(columns_), cotangent(columns_), result(columns_);
      for (size_t r = begin; r < end; ++r) {
        const W* x = in.read(row(args_.x, r), columns_);
        const W* g = cotangent.read(row(dy, r), columns_);
        T* to = dx + int64_t(r) * columns_;
        gradient_row(x, g, result.place(to), d_scale, d_bias ? d_scale + columns_ : nullptr);
        result.write(to, columns_);
      }
    });
    W* total = sums.data();
    for (int64_t task = 1; task <= tasks; ++task)
      for (int64_t i = 0; i < vectors * columns_; ++i)
        total[i] += total[task * vectors * columns_ + i];
    narrow(total, columns_, d_weight);
    if (d_bias) narrow(total + columns_, columns_, d_bias);
  }

 private:
  struct Moments {
    W mean, scale;
  };

  const T* row(const void* data, size_t r) const {
    return static_cast<const T*>(data) + int64_t(r) * columns_;
  }

  Moments moments(const W* x) const {
    const size_t count = size_t(columns_);
    W mean = 0;
    if (args_.kind == NormalizationKind::layer) mean = W(kernels_.sum(x, count) / double(count));
    double square = kernels_.squares(x, count, mean) / double(count);
    return {mean, W(1 / std::sqrt(square + args_.eps))};
  }

  // With z the normalized row and g = dy * weight: dx = scale * (g - mean(g) - z * mean(g * z)),
  // where RMS norm has no mean(g).
  void gradient_row(const W* x, const W* dy, W* dx, W* d_weight, W* d_bias) const {
    const size_t count = size_t(columns_);
    const auto [mean, scale] = moments(x);
    double sum, product;
    kernels_.gradient_sums(x, dy, count, mean, scale, weight_, sum, product);
    const bool centred = args_.kind == NormalizationKind::layer;
    kernels_.gradient(x, dy, count, mean, scale, weight_, W(centred ? sum / double(count) : 0),
                      W(product / double(count)), dx, d_weight, d_bias);
  }

  const NormalizationArgs& args_;
  const NormalizationKernels<W>& kernels_ = normalization_kernels<W>();
  int64_t columns_;
  Scratch<W> buffer_;
  const W* weight_;
};

}  // namespace

void normalize(const NormalizationArgs& args, const void* bias, void* out) {
  if (args.rows == 0 || args.columns == 0) return;
  dispatch_float(args.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    Rows<T>(args).normalize(static_cast<const T*>(bias), static_cast<T*>(out));
  });
}

void normalize_gradient(const NormalizationArgs& args, const void* dy, void* dx, void* d_weight,
                        void* d_bias) {
  if (args.columns == 0) return;
  dispatch_float(args.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    Rows<T>(args).gradient(dy, static_cast<T*>(dx), static_cast<T*>(d_weight),
                           static_cast<T*>(d_bias));
  });
}

}  // namespace mlx::core::cpu
