#include <bit>
#include <type_traits>

#include "array/dtype_dispatch.h"
#include "cpu/reduce/kernel.h"
#include "cpu/simd_targets.h"
// Read after simd_targets.h.
#include "cpu/reduce/kernel-inl.h"

// Integer loops on 16-byte vectors already read at memory speed, so the baseline's code is enough.
namespace mlx::core::cpu {
namespace {
using namespace HWY_NAMESPACE;

/// An unsigned number that is zero exactly when x is: floats lose their sign bits.
inline uint8_t truth_bits(uint8_t x) { return x; }
template <typename T>
auto truth_bits(T x) {
  if constexpr (std::is_integral_v<T>)
    return std::make_unsigned_t<T>(x);
  else if constexpr (is_half_v<T>)
    return uint16_t(x.bits_ & 0x7fffu);
  else if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<uint32_t>(x) & 0x7fffffffu;
  else if constexpr (is_complex_v<T>)
    return std::bit_cast<uint64_t>(x) & 0x7fffffff7fffffffu;
  else
    return std::bit_cast<uint64_t>(x) & 0x7fffffffffffffffu;
}

template <bool kAll, typename T>
struct Logical : GenericPolicy<Logical<kAll, T>, T, uint8_t> {
  using Bits = decltype(truth_bits(T{}));

  static uint8_t identity() { return kAll; }
  static uint8_t combine(uint8_t state, T x) {
    uint8_t truth = truth_bits(x) != 0;
    return kAll ? state & truth : state | truth;
  }
  static uint8_t merge(uint8_t a, uint8_t b) { return kAll ? a & b : a | b; }

  static void row(const T* in, int64_t length, uint8_t& state) {
    // Blocks run without branches; what decides the answer stops the row between them.
    constexpr int64_t kBlock = 2048;
    for (int64_t i = 0; i < length && state == identity(); i += kBlock) {
      const int64_t end = std::min(length, i + kBlock);
      Bits decided = 0;
      for (int64_t k = i; k < end; ++k)
        decided |= kAll ? Bits(truth_bits(in[k]) == 0) : truth_bits(in[k]);
      if (decided) state = !kAll;
    }
  }
};

template <bool kAll>
ReduceKernel make_logical(Dtype in) {
  return dispatch_dtype(in, [](auto tag) {
    using T = typename decltype(tag)::type;
    using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
    return make_kernel<Logical<kAll, Stored>, uint8_t>(kAll ? "all" : "any");
  });
}

}  // namespace

ReduceKernel all_kernel(Dtype in) { return make_logical<true>(in); }

ReduceKernel any_kernel(Dtype in) { return make_logical<false>(in); }

}  // namespace mlx::core::cpu
