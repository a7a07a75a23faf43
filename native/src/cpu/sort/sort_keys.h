#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "mlx/types.h"

namespace mlx::core::cpu {

/// Unsigned integers in the same order as the elements, NaN last; equal elements have equal keys.
/// from_key gives an element back, with the quiet NaN for any NaN and 0 for -0.
template <typename T>
struct SortKey {
  using Key = std::conditional_t<
      sizeof(T) == 1, uint8_t,
      std::conditional_t<sizeof(T) == 2, uint16_t,
                         std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;
  static constexpr Key kSign = Key(Key(1) << (8 * sizeof(T) - 1));
  static constexpr Key kNaN = Key(~Key(0));

  static Key to_key(T x) {
    if constexpr (std::is_same_v<T, bool>)
      return Key(x);
    else if constexpr (std::is_unsigned_v<T>)
      return x;
    else if constexpr (std::is_integral_v<T>)
      return Key(Key(x) ^ kSign);
    else
      return from_float(x);
  }

  static T from_key(Key key) {
    if constexpr (std::is_same_v<T, bool>)
      return key != 0;
    else if constexpr (std::is_unsigned_v<T>)
      return key;
    else if constexpr (std::is_integral_v<T>)
      return T(key ^ kSign);
    else
      return float_of(key);
  }

 private:
  // Negative numbers grow with smaller bits, so theirs are flipped. Nothing branches, so that
  // compilers make vectors of it.
  static Key from_float(T x) {
    Key bits = to_bits(x);
    Key flips = bits & kSign ? kNaN : kSign;
    Key key = Key((bits ^ flips) + (bits == kSign));
    return x != x ? kNaN : key;
  }
  static T float_of(Key key) {
    Key bits = key ^ (key & kSign ? kSign : kNaN);
    return to_float(key == kNaN ? to_bits(std::numeric_limits<T>::quiet_NaN()) : bits);
  }
  static Key to_bits(T x) {
    if constexpr (is_half_v<T>)
      return x.bits_;
    else
      return std::bit_cast<Key>(x);
  }
  static T to_float(Key bits) {
    if constexpr (is_half_v<T>)
      return T::from_bits(bits);
    else
      return std::bit_cast<T>(bits);
  }
};

/// Complex numbers order by real part, then imaginary part. Those with NaN follow, as in NumPy: a
/// NaN in the imaginary part only (by real part), in the real part only (by imaginary part), both.
/// float32 keys leave the highest values free, which mark them.
template <>
struct SortKey<complex64_t> {
  using Key = uint64_t;
  using Part = SortKey<float>;
  static constexpr uint32_t kImagNaN = 0xfffffffdu, kRealNaN = 0xfffffffeu, kBothNaN = 0xffffffffu;

  static Key to_key(complex64_t x) {
    uint32_t real = Part::to_key(x.real()), imag = Part::to_key(x.imag());
    bool real_nan = real == Part::kNaN, imag_nan = imag == Part::kNaN;
    if (real_nan) return imag_nan ? join(kBothNaN, 0) : join(kRealNaN, imag);
    return imag_nan ? join(kImagNaN, real) : join(real, imag);
  }

  static complex64_t from_key(Key key) {
    uint32_t high = uint32_t(key >> 32), low = uint32_t(key);
    float nan = std::numeric_limits<float>::quiet_NaN();
    if (high == kBothNaN) return complex64_t(nan, nan);
    if (high == kRealNaN) return complex64_t(nan, Part::from_key(low));
    if (high == kImagNaN) return complex64_t(Part::from_key(low), nan);
    return complex64_t(Part::from_key(high), Part::from_key(low));
  }

 private:
  static Key join(uint32_t high, uint32_t low) { return Key(high) << 32 | low; }
};

/// What keys are sorted in: the vectorised sort of 16-bit numbers is slower than that of wider
/// ones.
template <typename T>
using SortItem = std::conditional_t<(sizeof(typename SortKey<T>::Key) > 4), uint64_t, uint32_t>;

/// The keys of elements that lie `step` apart, in an unsigned type at least as wide.
template <typename T, typename Item>
void to_keys(const T* in, int64_t step, size_t count, Item* keys) {
  // Compilers make vectors only of the first.
  if (step == 1)
    for (size_t i = 0; i < count; ++i) keys[i] = Item(SortKey<T>::to_key(in[i]));
  else
    for (size_t i = 0; i < count; ++i) keys[i] = Item(SortKey<T>::to_key(in[int64_t(i) * step]));
}

/// Back to elements `step` apart.
template <typename T, typename Item>
void from_keys(const Item* keys, size_t count, T* out, int64_t step) {
  using Key = typename SortKey<T>::Key;
  if (step == 1)
    for (size_t i = 0; i < count; ++i) out[i] = SortKey<T>::from_key(Key(keys[i]));
  else
    for (size_t i = 0; i < count; ++i) out[int64_t(i) * step] = SortKey<T>::from_key(Key(keys[i]));
}

}  // namespace mlx::core::cpu
