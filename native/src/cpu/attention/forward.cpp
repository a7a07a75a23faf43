#include <algorithm>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/attention/attention.h"
#include "cpu/attention/few_queries.h"
#include "cpu/attention/problem.h"
#include "cpu/attention/running_softmax.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/widen.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// Tiles of queries pass over blocks of keys, of which each head is packed once.
template <typename T>
class Forward {
 public:
  using W = Wide<T>;

  explicit Forward(const AttentionArgs& args)
      : problem_(args),
        key_size_(panels_size<W>(args.width, args.keys)),
        value_size_(panels_size<W>(args.keys, args.value_width)),
        packed_keys_(heads() * key_size_),
        packed_values_(heads() * value_size_) {}

  void run(T* out) {
    const AttentionArgs& args = problem_.args();
    parallel_for(size_t(heads()), 1, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) pack(int64_t(i));
    });
    const int64_t tiles = (args.queries + kTileQueries - 1) / kTileQueries;
    parallel_for(size_t(problem_.batches() * args.heads * tiles), 1, [&](size_t begin, size_t end) {
      Scratch<W> memory(kTileQueries * (args.width + kTileKeys + args.value_width));
      for (size_t i = begin; i < end; ++i) {
        // Neighbours in time share their keys.
        const int64_t tile = int64_t(i) % tiles, head = int64_t(i) / tiles % args.heads;
        const int64_t batch = int64_t(i) / tiles / args.heads;
        attend(batch, head, tile * kTileQueries, memory.data(), out);
      }
    });
  }

 private:
  int64_t heads() const { return problem_.batches() * problem_.args().key_heads; }

  void pack(int64_t i) {
    const AttentionArgs& args = problem_.args();
    const int64_t batch = i / args.key_heads, head = i % args.key_heads;
    pack_panels(problem_.matrix(args.k, batch, head).transposed(), args.width, args.keys, W(1),
                packed_keys_.data() + i * key_size_);
    pack_panels(problem_.matrix(args.v, batch, head), args.keys, args.value_width, W(1),
                packed_values_.data() + i * value_size_);
  }

  void attend(int64_t batch, int64_t head, int64_t query, W* memory, T* out) {
    const AttentionArgs& args = problem_.args();
    const int64_t queries = std::min(kTileQueries, args.queries - query);
    W* q = memory;
    const Tile<W> scores{q + kTileQueries * args.width, kTileKeys};
    const Tile<W> sums{scores.data + kTileQueries * kTileKeys, args.value_width};
    std::fill_n(sums.data, queries * args.value_width, W(0));
    pack_rows(problem_.matrix(args.q, batch, head).from(query, 0), queries, args.width,
              W(args.scale), q);
    const int64_t shared = batch * args.key_heads + head / problem_.group();
    const Panels<W> k{packed_keys_.data() + shared * key_size_, args.width};
    const Panels<W> v{packed_values_.data() + shared * value_size_, args.keys};

    RunningSoftmax<W> softmax[kTileQueries];
    if (problem_.has_sinks())
      for (int64_t i = 0; i < queries; ++i) softmax[i].add(problem_.sink(batch, head));
    const int64_t end = problem_.visible_keys(query, query + queries);
    for (int64_t key = 0; key < end; key += kTileKeys) {
      const int64_t keys = std::min(kTileKeys, end - key);
      multiply_panels(queries, keys, args.width, q, args.width, k.from(0, key), scores, false);
      problem_.mask_scores({batch, head, query, queries, key, keys}, scores.data, kTileKeys, 1);
      for (int64_t i = 0; i < queries; ++i) {
        const W factor = softmax[i].add(kernels_, scores.row(i), keys);
        if (factor != 1)
          for (int64_t j = 0; j < args.value_width; ++j) sums.row(i)[j] *= factor;
      }
      multiply_panels(queries, args.value_width, keys, scores.data, kTileKeys, v.from(key, 0), sums,
                      true);
    }
    T* rows = out + ((batch * args.heads + head) * args.queries + query) * args.value_width;
    for (int64_t i = 0; i < queries; ++i) {
      // Without keys a sum has no terms.
      const W factor = W(args.keys == 0 ? 0 : 1 / softmax[i].total);
      for (int64_t j = 0; j < args.value_width; ++j) sums.row(i)[j] *= factor;
    }
    narrow(sums.data, queries * args.value_width, rows);
  }

  AttentionProblem<T> problem_;
  RowKernels<W, W> kernels_ = row_kernels<W>();
  int64_t key_size_, value_size_;
  Scratch<W> packed_keys_, packed_values_;
};

}  // namespace

void attention(const AttentionArgs& args, void* out) {
  dispatch_float(args.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if (has_few_queries(args))
      attend_few_queries<T>(args, static_cast<T*>(out));
    else
      Forward<T>(args).run(static_cast<T*>(out));
  });
}

}  // namespace mlx::core::cpu
