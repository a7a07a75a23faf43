#include <algorithm>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/attention/attention.h"
#include "cpu/attention/problem.h"
#include "cpu/attention/running_softmax.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/widen.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// With P = softmax(S), dP = dO V^T and D = rowsum(dO * O), as in FlashAttention (arXiv
/// 2205.14135): dS = P * (dP - D), dQ = scale * dS K, dK = scale * dS^T Q, dV = P^T dO. One pass
/// goes over queries for dQ, one over keys for dK and dV; both compute their tiles of P again.
template <typename T>
class Backward {
 public:
  using W = Wide<T>;

  Backward(const AttentionArgs& args, const HeadsInput& out, const HeadsInput& d_out)
      : problem_(args),
        out_(out),
        d_out_(d_out),
        keys_(args.keys, args.width, problem_.batches() * args.key_heads),
        values_(args.keys, args.value_width, problem_.batches() * args.key_heads),
        queries_(args.queries, args.width, problem_.batches() * args.heads),
        cotangents_(args.queries, args.value_width, problem_.batches() * args.heads),
        largest_(problem_.batches() * args.heads * args.queries),
        inverse_(problem_.batches() * args.heads * args.queries),
        dots_(problem_.batches() * args.heads * args.queries) {}

  void run(const AttentionGradients& gradients) {
    const AttentionArgs& args = problem_.args();
    const int64_t batches = problem_.batches();
    parallel_for(size_t(batches * args.key_heads), 1, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        const int64_t batch = int64_t(i) / args.key_heads, head = int64_t(i) % args.key_heads;
        keys_.pack(int64_t(i), problem_.matrix(args.k, batch, head), W(1));
        values_.pack(int64_t(i), problem_.matrix(args.v, batch, head), W(1));
      }
    });
    parallel_for(size_t(batches * args.heads), 1, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        const int64_t batch = int64_t(i) / args.heads, head = int64_t(i) % args.heads;
        queries_.pack(int64_t(i), problem_.matrix(args.q, batch, head), W(args.scale));
        cotangents_.pack(int64_t(i), problem_.matrix(d_out_, batch, head), W(1));
      }
    });
    const auto for_each_tile = [&](int64_t heads, int64_t length, auto&& body) {
      const int64_t tiles = (length + kTileQueries - 1) / kTileQueries;
      parallel_for(size_t(batches * heads * tiles), 1, [&](size_t begin, size_t end) {
        Scratch<W> memory(kTileQueries * 2 * (kTileKeys + args.width + args.value_width));
        for (size_t i = begin; i < end; ++i)
          body(int64_t(i) / tiles / heads, int64_t(i) / tiles % heads,
               int64_t(i) % tiles * kTileQueries, memory.data());
      });
    };
    for_each_tile(args.heads, args.queries,
                  [&](int64_t batch, int64_t head, int64_t query, W* memory) {
                    query_tile(batch, head, query, memory, static_cast<T*>(gradients.q));
                  });
    for_each_tile(args.key_heads, args.keys,
                  [&](int64_t batch, int64_t head, int64_t key, W* memory) {
                    key_tile(batch, head, key, memory, static_cast<T*>(gradients.k),
                             static_cast<T*>(gradients.v));
                  });
    if (gradients.sinks) sink_gradients(static_cast<W*>(gradients.sinks));
  }

 private:
  /// A matrix for each head as both right operands of products: X and X^T.
  struct PackedHeads {
    int64_t length, width, plain_size, transposed_size;
    Scratch<W> plain_memory, transposed_memory;

    PackedHeads(int64_t length, int64_t width, int64_t heads)
        : length(length),
          width(width),
          plain_size(panels_size<W>(length, width)),
          transposed_size(panels_size<W>(width, length)),
          plain_memory(heads * plain_size),
          transposed_memory(heads * transposed_size) {}

    void pack(int64_t head, const MatrixView<T>& matrix, W factor) {
      pack_panels(matrix, length, width, factor, plain_memory.data() + head * plain_size);
      pack_panels(matrix.transposed(), width, length, factor,
                  transposed_memory.data() + head * transposed_size);
    }
    Panels<W> plain(int64_t head) { return {plain_memory.data() + head * plain_size, length}; }
    Panels<W> transposed(int64_t head) {
      return {transposed_memory.data() + head * transposed_size, width};
    }
  };

  /// Tiles in a task's memory: two left operands and two sums as wide as features, two blocks of
  /// scores.
  struct Tiles {
    W *left, *value_left;
    Tile<W> sums, value_sums, scores, gradients;

    Tiles(W* memory, const AttentionArgs& args)
        : left(memory),
          value_left(left + kTileQueries * args.width),
          sums{value_left + kTileQueries * args.value_width, args.width},
          value_sums{sums.data + kTileQueries * args.width, args.value_width},
          scores{value_sums.data + kTileQueries * args.value_width, kTileKeys},
          gradients{scores.data + kTileQueries * kTileKeys, kTileKeys} {}
  };

  int64_t shared_head(int64_t batch, int64_t head) const {
    return batch * problem_.args().key_heads + head / problem_.group();
  }

  /// dQ, and what the pass over keys needs to know of each query.
  void query_tile(int64_t batch, int64_t head, int64_t query, W* memory, T* dq) {
    const AttentionArgs& args = problem_.args();
    const Tiles tiles(memory, args);
    const int64_t queries = std::min(kTileQueries, args.queries - query);
    const int64_t shared = shared_head(batch, head);
    const int64_t first = (batch * args.heads + head) * args.queries + query;
    pack_rows(problem_.matrix(args.q, batch, head).from(query, 0), queries, args.width,
              W(args.scale), tiles.left);
    pack_rows(problem_.matrix(out_, batch, head).from(query, 0), queries, args.value_width, W(1),
              tiles.value_sums.data);
    pack_rows(problem_.matrix(d_out_, batch, head).from(query, 0), queries, args.value_width, W(1),
              tiles.value_left);
    const int64_t end = problem_.visible_keys(query, query + queries);
    auto block_at = [&](int64_t key) {
      return ScoreBlock{batch, head, query, queries, key, std::min(kTileKeys, end - key)};
    };
    auto compute_scores = [&](const ScoreBlock& block) {
      multiply_panels(queries, block.keys, args.width, tiles.left, args.width,
                      keys_.transposed(shared).from(0, block.key), tiles.scores, false);
      problem_.mask_scores(block, tiles.scores.data, kTileKeys, 1);
    };

    RunningSoftmax<W> softmax[kTileQueries];
    for (int64_t i = 0; problem_.has_sinks() && i < queries; ++i)
      softmax[i].add(problem_.sink(batch, head));
    for (int64_t key = 0; key < end; key += kTileKeys) {
      const ScoreBlock block = block_at(key);
      compute_scores(block);
      for (int64_t i = 0; i < queries; ++i)
        softmax[i].add(kernels_, tiles.scores.row(i), block.keys);
    }
    for (int64_t i = 0; i < queries; ++i) {
      largest_.data()[first + i] = softmax[i].largest;
      inverse_.data()[first + i] = W(1 / softmax[i].total);
      W dot = 0;
      for (int64_t j = 0; j < args.value_width; ++j)
        dot += tiles.value_sums.row(i)[j] * tiles.value_left[i * args.value_width + j];
      dots_.data()[first + i] = dot;
    }

    std::fill_n(tiles.sums.data, queries * args.width, W(0));
    for (int64_t key = 0; key < end; key += kTileKeys) {
      const ScoreBlock block = block_at(key);
      compute_scores(block);
      multiply_panels(queries, block.keys, args.value_width, tiles.value_left, args.value_width,
                      values_.transposed(shared).from(0, key), tiles.gradients, false);
      for (int64_t i = 0; i < queries; ++i) {
        W *p = tiles.scores.row(i), *ds = tiles.gradients.row(i);
        kernels_.exp_sum(p, size_t(block.keys), largest_.data()[first + i], p);
        const W inverse = inverse_.data()[first + i], dot = dots_.data()[first + i];
        for (int64_t j = 0; j < block.keys; ++j) ds[j] = p[j] * inverse * (ds[j] - dot);
      }
      problem_.clear_masked(block, tiles.gradients.data, kTileKeys, 1);
      multiply_panels(queries, args.width, block.keys, tiles.gradients.data, kTileKeys,
                      keys_.plain(shared).from(key, 0), tiles.sums, true);
    }
    for (int64_t i = 0; i < queries * args.width; ++i) tiles.sums.data[i] *= W(args.scale);
    narrow(tiles.sums.data, queries * args.width, dq + first * args.width);
  }

  /// dK and dV of some keys, from all queries of their group. Rows of tiles are keys.
  void key_tile(int64_t batch, int64_t key_head, int64_t key, W* memory, T* dk, T* dv) {
    const AttentionArgs& args = problem_.args();
    const Tiles tiles(memory, args);
    const int64_t keys = std::min(kTileQueries, args.keys - key);
    const int64_t first = (batch * args.key_heads + key_head) * args.keys + key;
    pack_rows(problem_.matrix(args.k, batch, key_head).from(key, 0), keys, args.width, W(1),
              tiles.left);
    pack_rows(problem_.matrix(args.v, batch, key_head).from(key, 0), keys, args.value_width, W(1),
              tiles.value_left);
    std::fill_n(tiles.sums.data, keys * args.width, W(0));
    std::fill_n(tiles.value_sums.data, keys * args.value_width, W(0));
    for (int64_t head = key_head * problem_.group(); head < (key_head + 1) * problem_.group();
         ++head) {
      const int64_t number = batch * args.heads + head;
      // Blocks of queries begin where panels do.
      const int64_t begin = problem_.first_query(key) / kTileKeys * kTileKeys;
      for (int64_t query = begin; query < args.queries; query += kTileKeys) {
        const ScoreBlock block{batch, head, query, std::min(kTileKeys, args.queries - query),
                               key,   keys};
        multiply_panels(keys, block.queries, args.width, tiles.left, args.width,
                        queries_.transposed(number).from(0, query), tiles.scores, false);
        problem_.mask_scores(block, tiles.scores.data, 1, kTileKeys);
        multiply_panels(keys, block.queries, args.value_width, tiles.value_left, args.value_width,
                        cotangents_.transposed(number).from(0, query), tiles.gradients, false);
        const int64_t offset = number * args.queries + query;
        const W *largest = largest_.data() + offset, *inverse = inverse_.data() + offset;
        const W* dots = dots_.data() + offset;
        for (int64_t i = 0; i < keys; ++i) {
          W *p = tiles.scores.row(i), *ds = tiles.gradients.row(i);
          for (int64_t j = 0; j < block.queries; ++j) p[j] -= largest[j];
          kernels_.exp_sum(p, size_t(block.queries), W(0), p);
          for (int64_t j = 0; j < block.queries; ++j) {
            p[j] *= inverse[j];
            ds[j] = p[j] * (ds[j] - dots[j]);
          }
        }
        problem_.clear_masked(block, tiles.gradients.data, 1, kTileKeys);
        multiply_panels(keys, args.value_width, block.queries, tiles.scores.data, kTileKeys,
                        cotangents_.plain(number).from(query, 0), tiles.value_sums, true);
        multiply_panels(keys, args.width, block.queries, tiles.gradients.data, kTileKeys,
                        queries_.plain(number).from(query, 0), tiles.sums, true);
      }
    }
    narrow(tiles.sums.data, keys * args.width, dk + first * args.width);
    narrow(tiles.value_sums.data, keys * args.value_width, dv + first * args.value_width);
  }

  /// A sink's weight goes to no value: dP is zero there.
  void sink_gradients(W* gradients) {
    const AttentionArgs& args = problem_.args();
    for (int64_t i = 0; i < problem_.batches() * args.heads; ++i) {
      const W sink = problem_.sink(i / args.heads, i % args.heads);
      double total = 0;
      for (int64_t at = i * args.queries; at < (i + 1) * args.queries; ++at)
        total -= std::exp(double(sink) - double(largest_.data()[at])) *
                 double(inverse_.data()[at]) * double(dots_.data()[at]);
      gradients[i] = W(total);
    }
  }

  AttentionProblem<T> problem_;
  HeadsInput out_, d_out_;
  RowKernels<W, W> kernels_ = row_kernels<W>();
  PackedHeads keys_, values_, queries_, cotangents_;
  /// Of each query: its largest score, 1 / the sum of exponentials, and dO . O.
  Scratch<W> largest_, inverse_, dots_;
};

}  // namespace

void attention_gradient(const AttentionArgs& args, const HeadsInput& out, const HeadsInput& d_out,
                        const AttentionGradients& gradients) {
  dispatch_float(args.dtype, [&](auto tag) {
    Backward<typename decltype(tag)::type>(args, out, d_out).run(gradients);
  });
}

}  // namespace mlx::core::cpu
