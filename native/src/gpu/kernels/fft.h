// Discrete Fourier transforms along the middle one of three dimensions that lie densely: Stockham's
// passes, which sort as they go (W. Cochran et al., 1967), in a group's memory where a line or the
// lines and columns of a longer one (W. Gentleman and G. Sande, 1966) fit there; and L. Bluestein's
// way to any length by transforms of a power of two (1970).
#include "gpu/kernels/convert.h"
#include "gpu/kernels/trigonometric.h"

/// e^(-2 pi i a / b) for a < b, or its conjugate, to float32's accuracy for any b: whole quarters
/// are taken off in integers.
inline complex64 root_of_unity(ulong a, ulong b, bool is_conjugate) {
  int quarters;
  float rest;
  if (b >> 28) {
    const ulong whole = (8 * a + b) / (2 * b);
    quarters = int(whole);
    rest = float(int64_t(4 * a) - int64_t(whole * b));
  } else {
    quarters = int(rint(float(uint(a)) * (4.0f / float(uint(b)))));
    rest = float(int(4 * uint(a)) - quarters * int(b));
  }
  float sine, cosine;
  sin_cos_reduced(rest * (0x1.921fb6p+0f / float(b)), quarters, sine, cosine);
  return make_complex(cosine, is_conjugate ? sine : -sine);
}

inline complex64 fused_product(complex64 a, complex64 b) {
  return make_complex(fma(a.re, b.re, -(a.im * b.im)), fma(a.re, b.im, a.im * b.re));
}
/// The powers of root_of_unity(a, b) that are less than `radix`; most are products of two others.
template <int radix>
inline void powers_of_root(ulong a, ulong b, bool is_conjugate, thread complex64* powers) {
  for (int u = 1; u < radix; ++u)
    powers[u] = u < 4 || u % 4 == 0 ? root_of_unity(ulong(u) * a, b, is_conjugate)
                                    : fused_product(powers[u - u % 4], powers[u % 4]);
}
/// Times -i, or i.
template <bool is_inverse>
inline complex64 quarter_turned(complex64 a) {
  return is_inverse ? make_complex(-a.im, a.re) : make_complex(a.im, -a.re);
}

/// The transform of `radix` numbers, in place: by the definition for a prime.
template <int radix, bool is_inverse>
struct SmallTransform {
  static void apply(thread complex64* x) {
    complex64 roots[radix], sums[radix];
    for (int k = 0; k < radix; ++k) roots[k] = root_of_unity(k, radix, is_inverse);
    for (int s = 0; s < radix; ++s) {
      sums[s] = x[0];
      for (int u = 1; u < radix; ++u)
        sums[s] = Add(sums[s], fused_product(x[u], roots[u * s % radix]));
    }
    for (int s = 0; s < radix; ++s) x[s] = sums[s];
  }
};
template <bool is_inverse>
struct SmallTransform<1, is_inverse> {
  static void apply(thread complex64*) {}
};
template <bool is_inverse>
struct SmallTransform<2, is_inverse> {
  static void apply(thread complex64* x) {
    const complex64 a = x[0], b = x[1];
    x[0] = Add(a, b);
    x[1] = Subtract(a, b);
  }
};
template <bool is_inverse>
struct SmallTransform<4, is_inverse> {
  static void apply(thread complex64* x) {
    const complex64 a = Add(x[0], x[2]), b = Subtract(x[0], x[2]);
    const complex64 c = Add(x[1], x[3]), d = quarter_turned<is_inverse>(Subtract(x[1], x[3]));
    x[0] = Add(a, c);
    x[1] = Add(b, d);
    x[2] = Subtract(a, c);
    x[3] = Subtract(b, d);
  }
};
/// Of `first` times `second` numbers, one after the other.
template <int first, int second, bool is_inverse>
struct ComposedTransform {
  static void apply(thread complex64* x) {
    complex64 columns[first * second], row[second];
    for (int k = 0; k < second; ++k) {
      thread complex64* column = columns + k * first;
      for (int u = 0; u < first; ++u) column[u] = x[second * u + k];
      SmallTransform<first, is_inverse>::apply(column);
      for (int s = 1; s < first && k > 0; ++s)
        column[s] = fused_product(column[s], root_of_unity(k * s, first * second, is_inverse));
    }
    for (int s = 0; s < first; ++s) {
      for (int k = 0; k < second; ++k) row[k] = columns[k * first + s];
      SmallTransform<second, is_inverse>::apply(row);
      for (int k = 0; k < second; ++k) x[s + first * k] = row[k];
    }
  }
};
template <bool is_inverse>
struct SmallTransform<8, is_inverse> {
  static void apply(thread complex64* x) { ComposedTransform<2, 4, is_inverse>::apply(x); }
};
template <bool is_inverse>
struct SmallTransform<16, is_inverse> {
  static void apply(thread complex64* x) { ComposedTransform<4, 4, is_inverse>::apply(x); }
};

struct FftArguments {
  /// Threads; the length along the axis and the sizes inside of it; the part of the length that is
  /// done, and what will be left after this pass.
  int64_t count, length, inner, done, rest;
  float scale;
};

/// Makes of transforms of every `radix` neighbouring subsequences that of the one they are parts
/// of.
template <int radix, bool is_inverse, typename Index>
inline void fft_pass(device const complex64* x, device complex64* y, constant FftArguments& p,
                     Group g) {
  const int64_t wide_number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (wide_number >= p.count) return;
  const Index number = Index(wide_number), inner = Index(p.inner), rest = Index(p.rest);
  const Index parts = Index(p.length) / radix;
  const Index at = number / inner, column = number - at * inner;
  const Index outer = at / parts, part = at - outer * parts;
  const Index position = part / rest, offset = part - position * rest;
  device const complex64* from =
      x + (int64_t(outer) * p.length + int64_t(position) * radix * p.rest + offset) * p.inner +
      column;
  complex64 values[radix];
  for (int u = 0; u < radix; ++u) values[u] = from[u * p.rest * p.inner];
  if (p.done > 1) {
    complex64 powers[radix];
    powers_of_root<radix>(position, ulong(p.done) * radix, is_inverse, powers);
    for (int u = 1; u < radix; ++u) values[u] = fused_product(values[u], powers[u]);
  }
  SmallTransform<radix, is_inverse>::apply(values);
  device complex64* to = y + (int64_t(outer) * p.length + part) * p.inner + column;
  for (int s = 0; s < radix; ++s) to[s * int64_t(parts) * p.inner] = scaled(values[s], p.scale);
}

#define FFT_THREADS 256

/// Lines that a group transforms in its own memory. A line is a column of `columns`, `blocks` of
/// them to an outer dimension; every `inner` neighbouring columns lie side by side.
struct FftLines {
  int64_t columns, blocks, inner;
  int64_t in_outer, in_column, in_element;
  int64_t out_outer, out_column, out_element;
  /// Elements of a line that are stored.
  int64_t kept;
  /// The length of the transform that these lines are a step of, which turns their results; or 0.
  int64_t whole;
  float scale;
};

/// Neighbours and numbers that lie a multiple of 16 apart are in different banks of the memory.
inline uint spread(uint i) { return i ^ ((i >> 4) & 15u); }

inline int64_t line_offset(int64_t column, int64_t inner, int64_t step) {
  return inner == 1 ? column * step : column / inner * step + column % inner;
}

/// Element `at` of the group's, with neighbouring threads on what lies side by side.
template <int length, int lines>
inline void fft_element(uint at, bool along_line, thread uint& line, thread uint& j) {
  line = along_line ? at / length : at % lines;
  j = along_line ? at % length : at / lines;
}

template <int length, int lines, typename In>
inline void fft_load(device const In* x, threadgroup complex64* part, constant FftLines& p,
                     Group g) {
  const int64_t outer = int64_t(g.tgid.x) / p.blocks;
  const int64_t first = (int64_t(g.tgid.x) - outer * p.blocks) * lines;
  device const In* from = x + outer * p.in_outer;
  // All are on their way before the first one is there.
  constexpr uint rounds = (length * lines + FFT_THREADS - 1) / FFT_THREADS;
  In values[rounds];
  for (uint r = 0; r < rounds; ++r) {
    uint line, j;
    fft_element<length, lines>(g.tid.x + r * FFT_THREADS, p.in_element == 1, line, j);
    const int64_t column = first + line;
    values[r] = In();
    if (line < lines && j < length && column < p.columns)
      values[r] = from[line_offset(column, p.inner, p.in_column) + int64_t(j) * p.in_element];
  }
  for (uint r = 0; r < rounds; ++r) {
    uint line, j;
    fft_element<length, lines>(g.tid.x + r * FFT_THREADS, p.in_element == 1, line, j);
    if (line < lines && j < length) part[spread(line * length + j)] = convert<complex64>(values[r]);
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
}

/// One of Stockham's passes in place: all is read before anything is written.
template <int radix, int done, int length, int lines, bool is_inverse>
inline void fft_step(threadgroup complex64* part, Group g) {
  constexpr uint parts = length / radix, rest = length / (done * radix), count = parts * lines;
  constexpr uint rounds = (count + FFT_THREADS - 1) / FFT_THREADS;
  complex64 values[rounds][radix];
  for (uint r = 0; r < rounds; ++r) {
    const uint number = g.tid.x + r * FFT_THREADS;
    if (number >= count) continue;
    const uint line = number / parts, position = number % parts / rest;
    const uint from = line * length + position * radix * rest + number % parts % rest;
    for (uint u = 0; u < radix; ++u) values[r][u] = part[spread(from + u * rest)];
    if (done > 1) {
      complex64 powers[radix];
      powers_of_root<radix>(position, done * radix, is_inverse, powers);
      for (int u = 1; u < radix; ++u) values[r][u] = fused_product(values[r][u], powers[u]);
    }
    SmallTransform<radix, is_inverse>::apply(values[r]);
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint r = 0; r < rounds; ++r) {
    const uint number = g.tid.x + r * FFT_THREADS;
    if (number >= count) continue;
    const uint to = number / parts * length + number % parts;
    for (uint s = 0; s < radix; ++s) part[spread(to + s * parts)] = values[r][s];
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
}

inline void store_fft(device complex64* y, int64_t at, complex64 value) { y[at] = value; }
/// Of real results the real parts.
inline void store_fft(device float* y, int64_t at, complex64 value) { y[at] = value.re; }

template <int length, int lines, bool is_inverse, bool is_step, typename Out>
inline void fft_store(threadgroup complex64* part, device Out* y, constant FftLines& p, Group g) {
  const int64_t outer = int64_t(g.tgid.x) / p.blocks;
  const int64_t first = (int64_t(g.tgid.x) - outer * p.blocks) * lines;
  device Out* to = y + outer * p.out_outer;
  for (uint at = g.tid.x; at < uint(length * lines); at += FFT_THREADS) {
    uint line, j;
    fft_element<length, lines>(at, p.out_element == 1, line, j);
    const int64_t column = first + line;
    if (column >= p.columns || int64_t(j) >= p.kept) continue;
    complex64 value = scaled(part[spread(line * length + j)], p.scale);
    if (is_step)
      value = fused_product(
          value, root_of_unity(ulong(j) * ulong(column / p.inner), ulong(p.whole), is_inverse));
    store_fft(to, line_offset(column, p.inner, p.out_column) + int64_t(j) * p.out_element, value);
  }
}

struct ChirpArguments {
  int64_t count, length, inner, padded;
  float scale;
};

/// e^(-pi i k^2 / n), or its conjugate.
inline complex64 chirp(int64_t k, int64_t n, bool is_conjugate) {
  return root_of_unity(ulong(k) * ulong(k) % ulong(2 * n), ulong(2 * n), is_conjugate);
}

/// The sequence times a chirp, and zeros.
template <bool is_inverse>
inline void fft_chirp_in(device const complex64* x, device complex64* y, constant ChirpArguments& p,
                         Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  const int64_t at = number / p.inner, column = number - at * p.inner;
  const int64_t outer = at / p.padded, k = at - outer * p.padded;
  y[number] = k < p.length ? fused_product(x[(outer * p.length + k) * p.inner + column],
                                           chirp(k, p.length, is_inverse))
                           : make_complex(0.0f, 0.0f);
}
/// What it is convolved with.
template <bool is_inverse>
inline void fft_chirp(device complex64* y, constant ChirpArguments& p, Group g) {
  const int64_t k = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (k >= p.count) return;
  const int64_t distance = k < p.length ? k : p.padded - k;
  y[k] = distance < p.length ? chirp(distance, p.length, !is_inverse) : make_complex(0.0f, 0.0f);
}
inline void fft_convolve(device const complex64* x, device const complex64* factors,
                         device complex64* y, constant ChirpArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number < p.count) y[number] = fused_product(x[number], factors[number / p.inner % p.padded]);
}
template <bool is_inverse>
inline void fft_chirp_out(device const complex64* x, device complex64* y,
                          constant ChirpArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  const int64_t at = number / p.inner, column = number - at * p.inner;
  const int64_t outer = at / p.length, k = at - outer * p.length;
  y[number] = scaled(
      fused_product(x[(outer * p.padded + k) * p.inner + column], chirp(k, p.length, is_inverse)),
      p.scale);
}

/// The whole spectrum of real numbers from its lower half; `padded` is the half's length.
inline void fft_mirror(device const complex64* x, device complex64* y, constant ChirpArguments& p,
                       Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  const int64_t at = number / p.inner, column = number - at * p.inner;
  const int64_t outer = at / p.length, k = at - outer * p.length;
  const bool is_upper = k >= p.padded;
  complex64 value = x[(outer * p.padded + (is_upper ? p.length - k : k)) * p.inner + column];
  if (is_upper) value.im = -value.im;
  y[number] = value;
}
