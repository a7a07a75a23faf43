#include "cpu/matmul/gemm_ways.h"

#include <optional>
#include <utility>

#include "cpu/matmul/epilogue.h"
#include "cpu/matmul/pack.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/vector_kernels.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The large matrix, one row of which gives one output, and the vectors that it is multiplied with.
template <typename T>
struct Problem {
  MatrixView<T> matrix;
  int64_t outputs, inner;
  MatrixView<T> vectors;
  int64_t count;

  explicit Problem(const Product<T>& p)
      : matrix(p.m <= p.n ? p.b.transposed() : p.a),
        outputs(p.m <= p.n ? p.n : p.m),
        inner(p.k),
        vectors(p.m <= p.n ? p.a : p.b.transposed()),
        count(p.m <= p.n ? p.m : p.n) {}
};

/// Tasks of a block of outputs and a part of the inner axis, by shape alone. Parts are summed up
/// separately and added in order.
struct Partition {
  static constexpr int64_t kTaskSize = int64_t(1) << 16;
  int64_t block, part;

  Partition(int64_t outputs, int64_t inner, bool adds_rows) {
    if (adds_rows) {
      // Whole rows are the fastest to read, so that the inner axis is cut first.
      block = std::min<int64_t>(outputs, 4096);
      part = std::max({ceil_divide(inner, 16), ceil_divide(kTaskSize, block), int64_t(8)});
      part = std::min(inner, ceil_divide(part, 8) * 8);
    } else {
      part = std::min(inner, kTaskSize);
      block = std::min(outputs, ceil_divide(kTaskSize / part, 4) * 4);
    }
  }
};

/// Rows of elements that aren't contiguous.
template <typename T>
void dot_strided_rows(const MatrixView<T>& matrix, int64_t rows, VectorProduct<Wide<T>> p) {
  constexpr int64_t kBlock = 1024;
  Wide<T> elements[kBlock], sums[kMaxVectors];
  const auto out = p.out;
  const auto x = p.x;
  const int64_t inner = p.columns;
  p.matrix = elements;
  p.rows = 1;
  p.out = sums;
  const int64_t out_stride = std::exchange(p.out_stride, 1);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t v = 0; v < p.vectors; ++v) out[v * out_stride + r] = Wide<T>(0);
    for (int64_t k = 0; k < inner; k += kBlock) {
      p.columns = std::min(kBlock, inner - k);
      p.x = x + k;
      gather_run(matrix.at(r, k), matrix.column_stride, p.columns, elements);
      dot_rows(p);
      for (int64_t v = 0; v < p.vectors; ++v) out[v * out_stride + r] += sums[v];
    }
  }
}

/// sums[v][o] = sum over l of matrix[o][l] * x[v][l], for the types that the kernels know.
template <typename T>
void multiply_vectors(const MatrixView<T>& matrix, int64_t outputs, int64_t inner, int64_t count,
                      const Wide<T>* x, int64_t x_stride, Wide<T>* sums) {
  using W = Wide<T>;
  const bool adds = matrix.row_stride == 1 && matrix.column_stride != 1;
  const Partition partition(outputs, inner, adds);
  const int64_t blocks = ceil_divide(outputs, partition.block);
  const int64_t parts = ceil_divide(inner, partition.part);
  std::optional<Scratch<W>> partial;
  if (parts > 1) partial.emplace((parts - 1) * count * outputs);
  parallel_for(size_t(blocks * parts), 1, [&](size_t task, size_t) {
    const int64_t part = int64_t(task) / blocks, o = int64_t(task) % blocks * partition.block;
    const int64_t l = part * partition.part;
    const int64_t rows = std::min(partition.block, outputs - o);
    const int64_t columns = std::min(partition.part, inner - l);
    W* out = (part == 0 ? sums : partial->data() + (part - 1) * count * outputs) + o;
    const MatrixView<T> view = matrix.from(o, l);
    if (adds)
      add_rows(VectorProduct<T>{view.data, view.column_stride, columns, rows, count, x + l,
                                x_stride, out, outputs});
    else if (view.column_stride == 1)
      dot_rows(VectorProduct<T>{view.data, view.row_stride, rows, columns, count, x + l, x_stride,
                                out, outputs});
    else
      dot_strided_rows(
          view, rows,
          VectorProduct<W>{nullptr, 0, rows, columns, count, x + l, x_stride, out, outputs});
  });
  if (parts == 1) return;
  constexpr size_t kGrain = 4096;
  parallel_for(size_t(count * outputs), kGrain, [&](size_t begin, size_t end) {
    for (int64_t part = 1; part < parts; ++part) {
      const W* more = partial->data() + (part - 1) * count * outputs;
      for (size_t i = begin; i < end; ++i) sums[i] += more[i];
    }
  });
}

template <typename T>
void multiply_real(const Problem<T>& p, Wide<T>* sums) {
  Scratch<Wide<T>> x(p.count * p.inner);
  for (int64_t v = 0; v < p.count; ++v)
    gather_run(p.vectors.at(v, 0), p.vectors.column_stride, p.inner, x.data() + v * p.inner);
  multiply_vectors(p.matrix, p.outputs, p.inner, p.count, x.data(), p.inner, sums);
}

/// Real and imaginary parts in turn are a real row of twice the length. (a + bi)(c + di) is two dot
/// products of (a, b): with (c, -d) and with (d, c).
void dot_complex(const Problem<complex64_t>& p, const MatrixView<complex64_t>& matrix,
                 complex64_t* sums) {
  const int64_t inner = 2 * p.inner, count = 2 * p.count;
  Scratch<float> x(count * inner), parts(count * p.outputs);
  for (int64_t v = 0; v < p.count; ++v)
    for (int64_t l = 0; l < p.inner; ++l) {
      const complex64_t value = *p.vectors.at(v, l);
      float* real = x.data() + 2 * v * inner + 2 * l;
      real[0] = value.real();
      real[1] = -value.imag();
      real[inner] = value.imag();
      real[inner + 1] = value.real();
    }
  const auto data = reinterpret_cast<const float*>(matrix.data);
  multiply_vectors<float>({data, 2 * matrix.row_stride, 1}, p.outputs, inner, count, x.data(),
                          inner, parts.data());
  for (int64_t v = 0; v < p.count; ++v) {
    const float *real = parts.data() + 2 * v * p.outputs, *imag = real + p.outputs;
    for (int64_t o = 0; o < p.outputs; ++o) sums[v * p.outputs + o] = complex64_t(real[o], imag[o]);
  }
}

/// For elements that are contiguous from output to output: rows times c and rows times d.
void add_complex(const Problem<complex64_t>& p, const MatrixView<complex64_t>& matrix,
                 complex64_t* sums) {
  const int64_t outputs = 2 * p.outputs, count = 2 * p.count;
  Scratch<float> x(count * p.inner), parts(count * outputs);
  for (int64_t v = 0; v < p.count; ++v)
    for (int64_t l = 0; l < p.inner; ++l) {
      const complex64_t value = *p.vectors.at(v, l);
      x.data()[2 * v * p.inner + l] = value.real();
      x.data()[(2 * v + 1) * p.inner + l] = value.imag();
    }
  const auto data = reinterpret_cast<const float*>(matrix.data);
  multiply_vectors<float>({data, 1, 2 * matrix.column_stride}, outputs, p.inner, count, x.data(),
                          p.inner, parts.data());
  for (int64_t v = 0; v < p.count; ++v) {
    const float *c = parts.data() + 2 * v * outputs, *d = c + outputs;
    for (int64_t o = 0; o < p.outputs; ++o)
      sums[v * p.outputs + o] = complex64_t(c[2 * o] - d[2 * o + 1], c[2 * o + 1] + d[2 * o]);
  }
}

void multiply_complex(const Problem<complex64_t>& p, complex64_t* sums) {
  MatrixView<complex64_t> matrix = p.matrix;
  std::optional<Scratch<complex64_t>> copy;
  if (matrix.row_stride != 1 && matrix.column_stride != 1) {
    copy.emplace(p.outputs * p.inner);
    matrix = pack_matrix(matrix, p.outputs, p.inner, copy->data());
  }
  matrix.column_stride == 1 ? dot_complex(p, matrix, sums) : add_complex(p, matrix, sums);
}

}  // namespace

template <typename T>
void multiply_thin(const Product<T>& product) {
  const Problem<T> problem(product);
  Scratch<Wide<T>> sums(problem.count * problem.outputs);
  if constexpr (is_complex_v<T>)
    multiply_complex(problem, sums.data());
  else
    multiply_real(problem, sums.data());
  const bool rows = product.m <= product.n;
  for (int64_t v = 0; v < problem.count; ++v) {
    const auto& c = product.c;
    const T* from = c.data ? (rows ? c.at(v, 0) : c.at(0, v)) : nullptr;
    finish_run(product, problem.outputs, sums.data() + v * problem.outputs, from,
               rows ? c.column_stride : c.row_stride,
               product.d + v * (rows ? product.d_row_stride : 1), rows ? 1 : product.d_row_stride);
  }
}

#define INSTANTIATE(T) template void multiply_thin(const Product<T>&);
INSTANTIATE(float16_t)
INSTANTIATE(bfloat16_t)
INSTANTIATE(float)
INSTANTIATE(double)
INSTANTIATE(complex64_t)
#undef INSTANTIATE

}  // namespace mlx::core::cpu
