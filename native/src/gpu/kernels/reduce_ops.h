// What reductions combine. Each has an accumulator, its identity, how an element (with its number)
// becomes one, how two are combined, and the result.
#include "gpu/kernels/elementwise.h"

/// A float32 sum in two parts: what rounding takes from the first is kept in the second (D. Knuth's
/// two-sum). The CPU sums in float64, which not every GPU has.
struct TwoFloats {
  float high, low;
};

inline TwoFloats two_floats(float high, float low) {
  TwoFloats x;
  x.high = high;
  x.low = low;
  return x;
}
inline TwoFloats sum_of(TwoFloats a, TwoFloats b) {
  float sum = a.high + b.high, back = sum - a.high;
  float rest = (a.high - (sum - back)) + (b.high - back);
  return two_floats(sum, is_bounded(sum) ? (a.low + b.low) + rest : 0.0f);
}

struct TwoComplex {
  TwoFloats re, im;
};

template <typename T, typename Out>
struct SumOf {
  using Acc = Out;
  static Acc identity() { return Out(0); }
  static Acc load(T x, uint64_t) { return convert<Out>(x); }
  static Acc combine(Acc a, Acc b) { return Add(a, b); }
  static Out result(Acc a) { return a; }
};
template <typename T, typename Out>
struct FloatSumOf {
  using Acc = TwoFloats;
  static Acc identity() { return two_floats(0.0f, 0.0f); }
  static Acc load(T x, uint64_t) { return two_floats(float(x), 0.0f); }
  static Acc combine(Acc a, Acc b) { return sum_of(a, b); }
  static Out result(Acc a) { return Out(a.high + a.low); }
};
struct ComplexSum {
  using Acc = TwoComplex;
  static Acc identity() { return make(two_floats(0.0f, 0.0f), two_floats(0.0f, 0.0f)); }
  static Acc load(complex64 x, uint64_t) {
    return make(two_floats(x.re, 0.0f), two_floats(x.im, 0.0f));
  }
  static Acc combine(Acc a, Acc b) { return make(sum_of(a.re, b.re), sum_of(a.im, b.im)); }
  static complex64 result(Acc a) {
    return make_complex(a.re.high + a.re.low, a.im.high + a.im.low);
  }
  static Acc make(TwoFloats re, TwoFloats im) {
    TwoComplex z;
    z.re = re;
    z.im = im;
    return z;
  }
};

template <typename T, typename Out>
struct ProductOf {
  using Acc = Out;
  static Acc identity() { return convert<Out>(uint8_t(1)); }
  static Acc load(T x, uint64_t) { return convert<Out>(x); }
  static Acc combine(Acc a, Acc b) { return Multiply(a, b); }
  static Out result(Acc a) { return a; }
};
/// Of a half type: the products are float32.
template <typename T, typename Out>
struct HalfProductOf {
  using Acc = float;
  static Acc identity() { return 1.0f; }
  static Acc load(T x, uint64_t) { return float(x); }
  static Acc combine(Acc a, Acc b) { return a * b; }
  static Out result(Acc a) { return Out(a); }
};

/// The type that values are compared in: float32 for half types.
template <typename T>
struct ComparedOf {
  using type = T;
};
template <>
struct ComparedOf<half> {
  using type = float;
};
template <>
struct ComparedOf<bfloat> {
  using type = float;
};

/// A value with its number: the best one, the lowest number among equals, and the first NaN.
template <typename V>
struct Numbered {
  V value;
  uint number;
};

template <typename T, bool greatest>
struct ArgExtremeOf {
  using V = typename ComparedOf<T>::type;
  using Acc = Numbered<V>;
  static Acc identity() {
    Acc none;
    none.value = convert<V>(uint8_t(0));
    none.number = 0xffffffffu;
    return none;
  }
  static Acc load(T x, uint64_t number) {
    Acc one;
    one.value = convert<V>(x);
    one.number = uint(number);
    return one;
  }
  static Acc combine(Acc a, Acc b) {
    if (a.number > b.number) {
      Acc swapped = a;
      a = b;
      b = swapped;
    }
    if (b.number == 0xffffffffu) return a;
    // The later one has to be better, and nothing is better than NaN.
    return !Equal(a.value, a.value) ? a
           : !Equal(b.value, b.value) ||
                   (greatest ? Greater(b.value, a.value) : Less(b.value, a.value))
               ? b
               : a;
  }
  static uint result(Acc a) { return a.number; }
};

/// The extreme value itself; NaN where there is one.
template <typename T, bool greatest>
struct ExtremeOf {
  using Numbers = ArgExtremeOf<T, greatest>;
  using V = typename ComparedOf<T>::type;
  struct Acc {
    V value;
    uint is_some;
  };
  static Acc identity() {
    Acc none;
    none.value = convert<V>(uint8_t(0));
    none.is_some = 0;
    return none;
  }
  static Acc load(T x, uint64_t) {
    Acc one;
    one.value = convert<V>(x);
    one.is_some = 1;
    return one;
  }
  static Acc combine(Acc a, Acc b) {
    if (!a.is_some) return b;
    if (!b.is_some) return a;
    a.value = greatest ? Maximum(a.value, b.value) : Minimum(a.value, b.value);
    // Of two operands the functions above look for NaN in the first.
    if (!Equal(b.value, b.value)) a.value = b.value;
    return a;
  }
  static T result(Acc a) { return convert<T>(a.value); }
};

template <typename T, bool all>
struct LogicalOf {
  using Acc = uint;
  static Acc identity() { return all ? 1u : 0u; }
  static Acc load(T x, uint64_t) { return convert<bool>(x) ? 1u : 0u; }
  static Acc combine(Acc a, Acc b) { return all ? a & b : a | b; }
  static bool result(Acc a) { return a != 0; }
};

/// How the second pass of Op loads what the first one left.
template <typename Op>
struct PartsOf {
  static typename Op::Acc load(typename Op::Acc x, uint64_t) { return x; }
};
