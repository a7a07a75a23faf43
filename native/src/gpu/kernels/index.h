// Places that indices name, and what happens to a value there.
#include "gpu/kernels/elementwise.h"
#include "gpu/kernels/pack.h"

/// Where the element of that number is, in a shape walked in row-major order.
template <int dims>
inline int64_t place_of(int64_t number, constant int64_t* shape, constant int64_t* strides) {
  int64_t offset = 0;
  for (int d = dims - 1; d > 0; --d) {
    int64_t next, at;
    if ((number | shape[d]) >> 31 == 0) {
      next = int64_t(uint(number) / uint(shape[d]));
      at = int64_t(uint(number) - uint(next) * uint(shape[d]));
    } else {
      next = number / shape[d];
      at = number - next * shape[d];
    }
    offset += at * strides[d];
    number = next;
  }
  return offset + number * strides[0];
}

/// An index along an axis; negative ones count from the end once.
template <typename T>
inline int64_t wrapped(T index, int64_t size) {
  const int64_t i = int64_t(index);
  return IsSigned<T>::value && i < 0 ? i + size : i;
}
/// The nearest one there is.
inline int64_t clamped(int64_t index, int64_t end) {
  return index < 0 ? 0 : index < end ? index : end - 1;
}

// Updates of a place that several threads may want at once: the old value is read, and the new one
// stored only where the old one still stands. Types narrower than a word change the word around
// them.

template <typename T, bool is_wide>
struct Updater {
  template <typename Op>
  static void apply(device T* place, T value) {
    const ulong address = (ulong)place;
    device uint* word = (device uint*)(address & ~ulong(3));
    const uint shift = uint(address & 3) * 8, mask = sizeof(T) == 4   ? 0xffffffffu
                                                     : sizeof(T) == 2 ? 0xffffu << shift
                                                                      : 0xffu << shift;
    uint seen = load_atomic(word), expected;
    do {
      expected = seen;
      Pack<uint, 1> bits;
      bits.values[0] = (expected & mask) >> shift;
      T old = *(thread T*)&bits;
      bits.values[0] = 0;
      *(thread T*)&bits = Op::apply(old, value);
      seen = compare_exchange(word, expected, (expected & ~mask) | bits.values[0] << shift);
    } while (seen != expected);
  }
};
template <typename T>
struct Updater<T, true> {
  template <typename Op>
  static void apply(device T* place, T value) {
    device ulong* word = (device ulong*)place;
    ulong seen = load_atomic(word), expected;
    do {
      expected = seen;
      Pack<ulong, 1> bits;
      bits.values[0] = expected;
      T old = *(thread T*)&bits;
      *(thread T*)&bits = Op::apply(old, value);
      seen = compare_exchange(word, expected, bits.values[0]);
    } while (seen != expected);
  }
};

struct StoreUpdate {
  template <typename T>
  static void at(device T* place, T value) {
    *place = value;
  }
};
/// Half types are computed in float32.
template <typename T>
inline T update_sum(T a, T b) {
  if constexpr (IsHalf<T>::value)
    return T(float(a) + float(b));
  else
    return Add(a, b);
}
struct SumUpdate {
  template <typename T>
  static T apply(T a, T b) {
    return update_sum(a, b);
  }
  template <typename T>
  static void at(device T* place, T value) {
    if constexpr (IsSame<T, float>::value) {
      atomic_add(place, value);
    } else if constexpr (IsComplex<T>::value) {
      atomic_add((device float*)place, value.re);
      atomic_add((device float*)place + 1, value.im);
    } else {
      Updater<T, (sizeof(T) > 4)>::template apply<SumUpdate>(place, value);
    }
  }
};
struct ProductUpdate {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (IsHalf<T>::value)
      return T(float(a) * float(b));
    else
      return Multiply(a, b);
  }
  template <typename T>
  static void at(device T* place, T value) {
    Updater<T, (sizeof(T) > 4)>::template apply<ProductUpdate>(place, value);
  }
};
template <bool greatest>
struct ExtremeUpdate {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (IsHalf<T>::value)
      return T(ExtremeUpdate::apply(float(a), float(b)));
    else
      return !Equal(b, b) ? b : greatest ? Maximum(a, b) : Minimum(a, b);
  }
  template <typename T>
  static void at(device T* place, T value) {
    Updater<T, (sizeof(T) > 4)>::template apply<ExtremeUpdate>(place, value);
  }
};
