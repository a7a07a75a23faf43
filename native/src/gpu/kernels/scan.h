// Running reductions along the middle one of three dimensions that lie densely. Long lines are cut
// into chunks: one pass leaves every chunk's total, their running totals are what a second pass
// begins with.
#include "gpu/kernels/complex_functions.h"
#include "gpu/kernels/logarithm.h"
#include "gpu/kernels/pack.h"
#include "gpu/kernels/reduce_ops.h"
#include "gpu/kernels/simd.h"

struct ScanArguments {
  int64_t outer, length, inner;
  /// Elements of a line in a chunk, and chunks of a line.
  int64_t chunk, chunks;
};

// Operations beside those of reductions; combine takes what stands first first.

/// Maxima and minima; NaN where one came before.
template <typename T, bool greatest>
struct RunningExtremeOf {
  using Acc = typename ComparedOf<T>::type;
  static Acc identity() {
    if constexpr (IsFloating<T>::value)
      return greatest ? -INFINITY : INFINITY;
    else if constexpr (IsSame<T, bool>::value)
      return !greatest;
    else if constexpr (IsSigned<T>::value)
      return T(ulong(greatest ? 1 : 0) * (ulong(1) << (sizeof(T) * 8 - 1)) +
               (greatest ? 0 : (ulong(1) << (sizeof(T) * 8 - 1)) - 1));
    else
      return greatest ? T(0) : T(~T(0));
  }
  static Acc load(T x, uint64_t) { return Acc(x); }
  static Acc combine(Acc a, Acc b) {
    if constexpr (IsFloating<Acc>::value)
      if (is_nan(b)) return b;
    return greatest ? Maximum(a, b) : Minimum(a, b);
  }
  static T result(Acc a) { return T(a); }
};

template <typename T>
struct LogSumOf {
  using Acc = typename ComparedOf<T>::type;
  static Acc identity() {
    if constexpr (IsComplex<T>::value)
      return make_complex(-INFINITY, 0.0f);
    else
      return -INFINITY;
  }
  static Acc load(T x, uint64_t) { return Acc(x); }
  static Acc combine(Acc a, Acc b) { return LogAddExp(a, b); }
  static T result(Acc a) { return T(a); }
};

/// Sums of float32 that keep both parts.
struct WideSum {
  using Acc = TwoFloats;
  static Acc identity() { return two_floats(0.0f, 0.0f); }
  static Acc load(float x, uint64_t) { return two_floats(x, 0.0f); }
  static Acc combine(Acc a, Acc b) { return sum_of(a, b); }
  static Acc result(Acc a) { return a; }
};

/// y = factor * y + term, of which several steps make one.
template <typename T>
struct RecurrenceOf {
  using V = typename ComparedOf<T>::type;
  struct Acc {
    V factor, term;
  };
  static Acc identity() { return make(convert<V>(uint8_t(1)), convert<V>(uint8_t(0))); }
  static Acc combine(Acc a, Acc b) {
    // What is 0 stays 0, also where the product of many factors is infinite.
    const V kept = convert<bool>(a.term) ? Multiply(b.factor, a.term) : a.term;
    return make(Multiply(a.factor, b.factor), Add(kept, b.term));
  }
  static T result(Acc a) { return T(a.term); }
  static Acc make(V factor, V term) {
    Acc a;
    a.factor = factor;
    a.term = term;
    return a;
  }
};

/// Whether what comes first must be combined first.
template <typename Op>
struct IsOrdered {
  enum { value = false };
};
template <typename T>
struct IsOrdered<RecurrenceOf<T>> {
  enum { value = true };
};

/// Where accumulators come from: one, or neighbouring ones that are read as a pack.
template <typename Op, typename T>
struct ScanSource {
  device const T* x;
  typename Op::Acc load(int64_t i) const { return Op::load(x[i], uint64_t(i)); }
  template <int pack>
  void load_pack_at(int64_t i, thread typename Op::Acc* values) const {
    const Pack<T, pack> some = load_pack<pack>(x, i);
    for (int k = 0; k < pack; ++k) values[k] = Op::load(some.values[k], uint64_t(i + k));
  }
};
/// Chunks' totals.
template <typename Op>
struct TotalSource {
  device const typename Op::Acc* totals;
  typename Op::Acc load(int64_t i) const { return totals[i]; }
  template <int pack>
  void load_pack_at(int64_t i, thread typename Op::Acc* values) const {
    for (int k = 0; k < pack; ++k) values[k] = load(i + k);
  }
};
template <typename T>
struct RecurrenceSource {
  using Acc = typename RecurrenceOf<T>::Acc;
  using V = typename RecurrenceOf<T>::V;
  device const T* factors;
  device const T* terms;
  Acc load(int64_t i) const { return RecurrenceOf<T>::make(V(factors[i]), V(terms[i])); }
  template <int pack>
  void load_pack_at(int64_t i, thread Acc* values) const {
    const Pack<T, pack> some = load_pack<pack>(factors, i), others = load_pack<pack>(terms, i);
    for (int k = 0; k < pack; ++k)
      values[k] = RecurrenceOf<T>::make(V(some.values[k]), V(others.values[k]));
  }
};

/// What a scan writes: results, accumulators that a later pass begins with, or totals of chunks.
enum class ScanResult { values, carries, totals };

template <typename Op, ScanResult result, typename Out>
inline void store_scanned(device Out* y, int64_t at, typename Op::Acc value) {
  if constexpr (result == ScanResult::values)
    y[at] = Op::result(value);
  else
    y[at] = value;
}

/// The elements from `first` on, and the identity behind the line's end. A line that is scanned
/// from its end is `length` long. Packs lie where packs may.
template <typename Op, bool is_reverse, int items, int pack, typename Source>
inline void load_scanned(thread const Source& source, int64_t origin, int64_t length, int64_t first,
                         int64_t end, thread typename Op::Acc* values) {
  if (pack > 1 && first + items <= end) {
    for (int k = 0; k < items; k += pack) {
      if (!is_reverse) {
        source.template load_pack_at<pack>(origin + first + k, values + k);
        continue;
      }
      typename Op::Acc turned[pack];
      source.template load_pack_at<pack>(origin + length - first - k - pack, turned);
      for (int j = 0; j < pack; ++j) values[k + j] = turned[pack - 1 - j];
    }
    return;
  }
  for (int k = 0; k < items; ++k) {
    const int64_t at = first + k;
    values[k] = Op::identity();
    if (at < end) values[k] = source.load(origin + (is_reverse ? length - 1 - at : at));
  }
}

/// The other way round.
template <typename Op, ScanResult result, bool is_reverse, int items, int pack, typename Out>
inline void store_items(device Out* y, int64_t origin, int64_t length, int64_t first, int64_t end,
                        thread const typename Op::Acc* values) {
  if constexpr (pack > 1 && result == ScanResult::values) {
    if (first + items <= end) {
      for (int k = 0; k < items; k += pack) {
        Pack<Out, pack> some;
        for (int j = 0; j < pack; ++j)
          some.values[is_reverse ? pack - 1 - j : j] = Op::result(values[k + j]);
        store_pack(y, origin + (is_reverse ? length - first - k - pack : first + k), some);
      }
      return;
    }
  }
  for (int k = 0; k < items; ++k) {
    const int64_t at = first + k;
    if (at < end)
      store_scanned<Op, result>(y, origin + (is_reverse ? length - 1 - at : at), values[k]);
  }
}

/// A thread has one line of a chunk; neighbours have neighbouring lines.
template <typename Op, ScanResult result, bool is_reverse, bool is_inclusive, bool has_carry,
          typename Source, typename Out>
inline void scan_columns(Source source, device Out* y, device const typename Op::Acc* carries,
                         constant ScanArguments& p, Group g) {
  using Acc = typename Op::Acc;
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.outer * p.chunks * p.inner) return;
  const int64_t at_chunk = number / p.inner, column = number - at_chunk * p.inner;
  const int64_t outer = at_chunk / p.chunks, chunk = at_chunk - outer * p.chunks;
  const int64_t begin = chunk * p.chunk;
  const int64_t end = begin + p.chunk < p.length ? begin + p.chunk : p.length;
  Acc total = Op::identity();
  if (has_carry) total = carries[number];
  for (int64_t k = begin; k < end; ++k) {
    const int64_t i = (outer * p.length + (is_reverse ? p.length - 1 - k : k)) * p.inner + column;
    const Acc next = Op::combine(total, source.load(i));
    if constexpr (result != ScanResult::totals)
      store_scanned<Op, result>(y, i, is_inclusive ? next : total);
    total = next;
  }
  if constexpr (result == ScanResult::totals) y[number] = total;
}

/// What the lanes before have together, and in `total` what all lanes have.
template <typename Op, typename Acc>
inline Acc scan_lanes(Acc own, thread Acc& total, uint lane) {
  Acc sum = own;
  for (uint step = 1; step < SIMD_WIDTH; step *= 2) {
    const Acc before = shuffle_up(sum, uint16_t(step));
    if (lane >= step) sum = Op::combine(before, sum);
  }
  const Acc before = shuffle_up(sum, uint16_t(1));
  total = broadcast_lane(sum, uint16_t(SIMD_WIDTH - 1));
  return lane == 0 ? Op::identity() : before;
}

/// `lanes` threads a chunk of a line that lies side by side: a simdgroup, or the group. Each takes
/// `items` neighbouring elements at a time, in packs where they are aligned.
template <typename Op, ScanResult result, bool is_reverse, bool is_inclusive, bool has_carry,
          int lanes, int items, int pack, typename Source, typename Out>
inline void scan_rows(Source source, device Out* y, device const typename Op::Acc* carries,
                      constant ScanArguments& p, threadgroup typename Op::Acc* part, Group g) {
  using Acc = typename Op::Acc;
  const int64_t thread_number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  const int64_t number = thread_number / lanes, lane = thread_number % lanes;
  const bool is_line = number < p.outer * p.chunks;
  const int64_t outer = number / p.chunks, chunk = number - outer * p.chunks;
  const int64_t begin = chunk * p.chunk;
  const int64_t end = !is_line ? begin : begin + p.chunk < p.length ? begin + p.chunk : p.length;
  const int64_t origin = outer * p.length;
  if constexpr (result == ScanResult::totals && !IsOrdered<Op>::value) {
    Acc own = Op::identity();
    for (int64_t first = begin + lane * items; first < end; first += int64_t(lanes) * items) {
      Acc values[items];
      load_scanned<Op, is_reverse, items, pack>(source, origin, p.length, first, end, values);
      for (int k = 0; k < items; ++k) own = Op::combine(own, values[k]);
    }
    const Acc total = combine_row<Op, lanes>(own, part, g);
    if (is_line && lane == 0) y[number] = total;
    return;
  }
  Acc carry = Op::identity();
  if (has_carry && is_line) carry = carries[number];
  // All threads of a group go around as often.
  for (int64_t tile = begin; tile < begin + p.chunk; tile += int64_t(lanes) * items) {
    const int64_t first = tile + lane * items;
    Acc values[items];
    load_scanned<Op, is_reverse, items, pack>(source, origin, p.length, first, end, values);
    Acc own = Op::identity();
    for (int k = 0; k < items; ++k) own = Op::combine(own, values[k]);
    Acc total, before = scan_lanes<Op>(own, total, g.lane);
    if (lanes > int(SIMD_WIDTH)) {
      const uint simds = g.size.x / SIMD_WIDTH;
      if (g.lane == 0) part[g.simd] = total;
      threadgroup_barrier(mem_flags::mem_threadgroup);
      Acc earlier = Op::identity();
      total = Op::identity();
      for (uint s = 0; s < simds; ++s) {
        if (s == g.simd) earlier = total;
        total = Op::combine(total, part[s]);
      }
      before = Op::combine(earlier, before);
      // The places are free for the next time.
      threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    Acc running = Op::combine(carry, before);
    if constexpr (result != ScanResult::totals) {
      for (int k = 0; k < items; ++k) {
        const Acc next = Op::combine(running, values[k]);
        values[k] = is_inclusive ? next : running;
        running = next;
      }
      store_items<Op, result, is_reverse, items, pack>(y, origin, p.length, first, end, values);
    }
    carry = Op::combine(carry, total);
  }
  if constexpr (result == ScanResult::totals)
    if (is_line && lane == 0) y[number] = carry;
}
