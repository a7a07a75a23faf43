#include "cpu/attention/few_queries.h"

#include <algorithm>
#include <vector>

#include "cpu/attention/problem.h"
#include "cpu/attention/running_softmax.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/vector_kernels.h"
#include "cpu/matmul/widen.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kFewQueries = 16;
/// Parts of the keys, so that few heads occupy all threads.
constexpr int64_t kPartKeys = 1024;
/// A block of keys stays in the second-level cache for all queries of a group.
constexpr int64_t kBlockKeys = 128;

template <typename T>
class FewQueries {
 public:
  using W = Wide<T>;

  explicit FewQueries(const AttentionArgs& args)
      : problem_(args),
        rows_(problem_.group() * args.queries),
        parts_(std::max<int64_t>(1, (args.keys + kPartKeys - 1) / kPartKeys)),
        softmax_(size_t(heads() * parts_ * rows_)),
        sums_(heads() * parts_ * rows_ * args.value_width) {}

  void run(T* out) {
    parallel_for(size_t(heads() * parts_), 1, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) attend(int64_t(i) / parts_, int64_t(i) % parts_);
    });
    for (int64_t head = 0; head < heads(); ++head) merge_parts(head, out);
  }

 private:
  int64_t heads() const { return problem_.batches() * problem_.args().key_heads; }

  RunningSoftmax<W>* softmax(int64_t head, int64_t part) {
    return softmax_.data() + (head * parts_ + part) * rows_;
  }
  W* sums(int64_t head, int64_t part) {
    return sums_.data() + (head * parts_ + part) * rows_ * problem_.args().value_width;
  }

  /// All queries of a group against a part of its keys. Rows are the queries of the group's first
  /// head, then of the next.
  void attend(int64_t shared, int64_t part) {
    const AttentionArgs& args = problem_.args();
    const int64_t batch = shared / args.key_heads, key_head = shared % args.key_heads;
    const int64_t first_head = key_head * problem_.group();
    Scratch<W> q(rows_ * args.width), scores(rows_ * kBlockKeys);
    Scratch<W> products(kMaxVectors * args.value_width);
    for (int64_t g = 0; g < problem_.group(); ++g)
      pack_rows(problem_.matrix(args.q, batch, first_head + g), args.queries, args.width,
                W(args.scale), q.data() + g * args.queries * args.width);
    const auto k = problem_.matrix(args.k, batch, key_head);
    const auto v = problem_.matrix(args.v, batch, key_head);
    RunningSoftmax<W>* running = softmax(shared, part);
    W* sum = sums(shared, part);
    std::fill_n(sum, rows_ * args.value_width, W(0));

    const int64_t end =
        std::min({args.keys, problem_.visible_keys(0, args.queries), (part + 1) * kPartKeys});
    for (int64_t key = part * kPartKeys; key < end; key += kBlockKeys) {
      const int64_t keys = std::min(kBlockKeys, end - key);
      for (int64_t r = 0; r < rows_; r += kMaxVectors)
        dot_rows(VectorProduct<T>{k.at(key, 0), k.row_stride, keys, args.width,
                                  std::min(kMaxVectors, rows_ - r), q.data() + r * args.width,
                                  args.width, scores.data() + r * kBlockKeys, kBlockKeys});
      for (int64_t g = 0; g < problem_.group(); ++g)
        problem_.mask_scores({batch, first_head + g, 0, args.queries, key, keys},
                             scores.data() + g * args.queries * kBlockKeys, kBlockKeys, 1);
      for (int64_t r = 0; r < rows_; r += kMaxVectors) {
        const int64_t count = std::min(kMaxVectors, rows_ - r);
        W factors[kMaxVectors];
        for (int64_t i = 0; i < count; ++i)
          factors[i] = running[r + i].add(kernels_, scores.data() + (r + i) * kBlockKeys, keys);
        add_rows(VectorProduct<T>{v.at(key, 0), v.row_stride, keys, args.value_width, count,
                                  scores.data() + r * kBlockKeys, kBlockKeys, products.data(),
                                  args.value_width});
        for (int64_t i = 0; i < count; ++i)
          combine(sum + (r + i) * args.value_width, factors[i],
                  products.data() + i * args.value_width, 1);
      }
    }
  }

  /// into = into * own + from * other.
  void combine(W* into, W own, const W* from, W other) const {
    for (int64_t j = 0; j < problem_.args().value_width; ++j)
      into[j] = into[j] * own + from[j] * other;
  }

  void merge_parts(int64_t shared, T* out) {
    const AttentionArgs& args = problem_.args();
    const int64_t batch = shared / args.key_heads, key_head = shared % args.key_heads;
    RunningSoftmax<W>* total = softmax(shared, 0);
    W* sum = sums(shared, 0);
    for (int64_t r = 0; r < rows_; ++r) {
      W* row = sum + r * args.value_width;
      for (int64_t part = 1; part < parts_; ++part) {
        const auto [own, other] = total[r].merge(softmax(shared, part)[r]);
        combine(row, own, sums(shared, part) + r * args.value_width, other);
      }
      RunningSoftmax<W> all = total[r];
      W factor = 1;
      if (problem_.has_sinks()) {
        RunningSoftmax<W> sink;
        sink.add(problem_.sink(batch, key_head * problem_.group() + r / args.queries));
        factor = all.merge(sink).first;
      }
      const W scale = args.keys == 0 ? W(0) : W(double(factor) / all.total);
      for (int64_t j = 0; j < args.value_width; ++j) row[j] *= scale;
    }
    const int64_t first_row = (batch * args.heads + key_head * problem_.group()) * args.queries;
    narrow(sum, rows_ * args.value_width, out + first_row * args.value_width);
  }

  AttentionProblem<T> problem_;
  RowKernels<W, W> kernels_ = row_kernels<W>();
  int64_t rows_, parts_;
  std::vector<RunningSoftmax<W>> softmax_;
  Scratch<W> sums_;
};

}  // namespace

bool has_few_queries(const AttentionArgs& args) {
  const int64_t group = args.heads / std::max<int64_t>(1, args.key_heads);
  return group * args.queries <= kFewQueries && args.k.column_stride == 1 &&
         args.v.column_stride == 1;
}

template <typename T>
void attend_few_queries(const AttentionArgs& args, T* out) {
  if (args.heads > 0 && args.queries > 0) FewQueries<T>(args).run(out);
}

template void attend_few_queries(const AttentionArgs&, float16_t*);
template void attend_few_queries(const AttentionArgs&, bfloat16_t*);
template void attend_few_queries(const AttentionArgs&, float*);
template void attend_few_queries(const AttentionArgs&, double*);

}  // namespace mlx::core::cpu
