// Highway compiles this file once for each SIMD target.
#include "cpu/quantized/fixed_point.h"

#include <algorithm>
#include <cmath>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/quantized/fixed_point.cpp"
#include "hwy/foreach_target.h"

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

// Decoding codes to float32 costs two instructions for each eight of them, besides the product. A
// product of bytes takes 32 codes, so that it pays to multiply with each of three digits of x.
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3

namespace hn = hwy::HWY_NAMESPACE;

// Vectors of 32 bytes on both targets: a block's codes.
using ByteTag = hn::CappedTag<uint8_t, 32>;
using DigitTag = hn::CappedTag<int8_t, 32>;
using PairTag = hn::CappedTag<int16_t, 16>;
using IntegerTag = hn::CappedTag<int32_t, 8>;
using FloatTag = hn::CappedTag<float, 8>;
using FloatVector = hn::Vec<FloatTag>;
using IntegerVector = hn::Vec<IntegerTag>;
using PairVector = hn::Vec<PairTag>;
using ByteVector = hn::Vec<ByteTag>;

constexpr int64_t kBlockVectors = 2 * kFixedPointDigits;
constexpr int64_t kVectorBytes = 32;
/// How far ahead codes are fetched: as far as memory delivers while what lies between is computed.
constexpr int64_t kBytesAhead = 4096;

/// Sums of two neighbours' products. Highway 1.0 has no such operation.
HWY_INLINE PairVector multiply_pairs(ByteVector codes, const int8_t* digits) {
  const auto other = hn::Load(DigitTag(), digits);
  return PairVector{_mm256_maddubs_epi16(codes.raw, other.raw)};
}

HWY_INLINE IntegerVector add_pairs(PairVector pairs, PairVector factors) {
  return IntegerVector{_mm256_madd_epi16(pairs.raw, factors.raw)};
}

/// The sums of products of a block's codes with its numbers, in units.
HWY_INLINE IntegerVector dot_block(const uint8_t* codes, const int8_t* digits) {
  const ByteTag d8;
  const PairTag d16;
  const IntegerTag d32;
  const auto low_bits = hn::Set(d8, 15);
  const auto bytes = hn::LoadU(d8, codes);
  const auto even = hn::And(bytes, low_bits);
  const auto odd = hn::And(hn::BitCast(d8, hn::ShiftRight<4>(hn::BitCast(d16, bytes))), low_bits);
  PairVector pairs[kFixedPointDigits];
#pragma GCC unroll 3
  for (int digit = 0; digit < kFixedPointDigits; ++digit)
    pairs[digit] = hn::Add(multiply_pairs(even, digits + 2 * digit * kVectorBytes),
                           multiply_pairs(odd, digits + (2 * digit + 1) * kVectorBytes));
  // The first digit is held negated, for -2^15 is the largest power of two in 16 bits.
  const auto high =
      hn::Add(add_pairs(pairs[0], hn::Set(d16, -0x8000)), add_pairs(pairs[1], hn::Set(d16, 0x80)));
  return hn::Add(hn::Add(high, high), add_pairs(pairs[2], hn::Set(d16, 1)));
}

/// A row's dot product; kGroup numbers share a scale.
template <int64_t kGroup>
float dot_row(const WordRow& row, int64_t columns, const FixedPointVector& x,
              const float* group_sums) {
  const FloatTag d;
  constexpr int64_t kLanes = 8;
  const int64_t groups = columns / kGroup;
  const auto* codes = static_cast<const uint8_t*>(row.words);
  const int8_t* digits = x.digits;
  FloatVector total = hn::Zero(d), bias_total = hn::Zero(d);
  for (int64_t g = 0; g < groups; g += kLanes) {
    HWY_ALIGN float scales[kLanes];
    hn::Store(hn::Mul(hn::LoadU(d, row.scales + g), hn::LoadU(d, x.units + g)), d, scales);
    bias_total = hn::MulAdd(hn::LoadU(d, row.biases + g), hn::LoadU(d, group_sums + g), bias_total);
    const int64_t blocks = std::min(kLanes, groups - g) * kGroup / kFixedPointBlock;
    for (int64_t b = 0; b < blocks; ++b) {
      if (b % 2 == 0) hwy::Prefetch(codes + kBytesAhead);
      FloatVector scale;
      if constexpr (kGroup >= kFixedPointBlock)
        scale = hn::Set(d, scales[b * kFixedPointBlock / kGroup]);
      else
        scale = hn::ConcatLowerLower(d, hn::Set(d, scales[2 * b + 1]), hn::Set(d, scales[2 * b]));
      total = hn::MulAdd(hn::ConvertTo(d, dot_block(codes, digits)), scale, total);
      codes += kVectorBytes;
      digits += kBlockVectors * kVectorBytes;
    }
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(total, bias_total)));
}

template <int64_t kGroup>
void dot_rows(const WordRow* rows, int64_t row_count, int64_t columns, const FixedPointVector& x,
              const float* group_sums, float* sums) {
  for (int64_t r = 0; r < row_count; ++r)
    sums[r] = dot_row<kGroup>(rows[r], columns, x, group_sums);
}

void dot_fixed_point_rows(int64_t group_size, const WordRow* rows, int64_t row_count,
                          int64_t columns, const FixedPointVector& x, const float* group_sums,
                          float* sums) {
  switch (group_size) {
    case 32:
      return dot_rows<32>(rows, row_count, columns, x, group_sums, sums);
    case 64:
      return dot_rows<64>(rows, row_count, columns, x, group_sums, sums);
    default:
      return dot_rows<128>(rows, row_count, columns, x, group_sums, sums);
  }
}

/// The largest absolute value; false if it or any other can't be held.
bool find_largest(const float* x, int64_t count, float* largest) {
  const FloatTag d;
  // Units times scales must not underflow, nor sums overflow.
  const auto limit = hn::Set(d, 0x1p60f);
  auto most = hn::Zero(d);
  auto fits = hn::Eq(most, most);
  for (int64_t i = 0; i < count; i += 8) {
    const auto size = hn::Abs(hn::LoadU(d, x + i));
    fits = hn::And(fits, hn::Lt(size, limit));
    most = hn::Max(most, size);
  }
  *largest = hn::GetLane(hn::MaxOfLanes(d, most));
  return hn::AllTrue(d, fits) && (*largest == 0 || *largest > 0x1p-60f);
}

/// The unit of numbers up to `largest`: a power of two of which they are fewer than 2^23 less what
/// the first digit can't hold.
float fixed_point_unit(float largest) {
  constexpr float kMost = 127 * 65536 + 127 * 256 + 127;
  if (largest == 0) return 0;
  const float unit = std::ldexp(1.0f, std::ilogb(largest) - 22);
  return largest > kMost * unit ? 2 * unit : unit;
}

/// Eight numbers' digits, to the same place of each digit's vectors.
void write_digits(IntegerVector number, int8_t* to) {
  const IntegerTag d;
  const hn::CappedTag<int8_t, 8> d8;
  const auto low_byte = [](IntegerVector v) { return hn::ShiftRight<24>(hn::ShiftLeft<24>(v)); };
  const auto last = low_byte(number);
  const auto rest = hn::ShiftRight<8>(hn::Sub(number, last));
  const auto middle = low_byte(rest);
  const auto first = hn::ShiftRight<8>(hn::Sub(rest, middle));
  hn::StoreU(hn::DemoteTo(d8, hn::Neg(first)), d8, to);
  hn::StoreU(hn::DemoteTo(d8, middle), d8, to + 2 * kVectorBytes);
  hn::StoreU(hn::DemoteTo(d8, last), d8, to + 4 * kVectorBytes);
}

bool to_fixed_point_digits(const float* x, int64_t count, int64_t group_size,
                           const FixedPointVector& out) {
  const FloatTag d;
  const IntegerTag di;
  const int64_t shared = std::max(group_size, kFixedPointBlock);
  std::fill_n(out.units, count / group_size + kGroupPadding, 0.0f);
  int8_t* digits = out.digits;
  for (int64_t begin = 0; begin < count; begin += shared) {
    float largest;
    if (!find_largest(x + begin, shared, &largest)) return false;
    const float unit = fixed_point_unit(largest);
    std::fill_n(out.units + begin / group_size, shared / group_size, unit);
    const auto inverse = hn::Set(d, unit == 0 ? 0 : 1 / unit);
    for (int64_t i = 0; i < shared; i += kFixedPointBlock) {
      for (int64_t pair = 0; pair < kFixedPointBlock / 16; ++pair) {
        const float* from = x + begin + i + 16 * pair;
        const auto low = hn::NearestInt(hn::Mul(hn::LoadU(d, from), inverse));
        const auto high = hn::NearestInt(hn::Mul(hn::LoadU(d, from + 8), inverse));
        write_digits(hn::ConcatEven(di, high, low), digits + 8 * pair);
        write_digits(hn::ConcatOdd(di, high, low), digits + kVectorBytes + 8 * pair);
      }
      digits += kBlockVectors * kVectorBytes;
    }
  }
  return true;
}

bool has_byte_products() { return true; }

#else

bool has_byte_products() { return false; }

bool to_fixed_point_digits(const float*, int64_t, int64_t, const FixedPointVector&) {
  return false;
}

void dot_fixed_point_rows(int64_t, const WordRow*, int64_t, int64_t, const FixedPointVector&,
                          const float*, float*) {}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(has_byte_products);
HWY_EXPORT(to_fixed_point_digits);
HWY_EXPORT(dot_fixed_point_rows);

bool has_fixed_point_products(const Quantization& format, int64_t columns) {
  return format.is_affine() && format.bits == 4 && columns % kFixedPointBlock == 0 &&
         HWY_DYNAMIC_DISPATCH(has_byte_products)();
}

bool to_fixed_point(const float* x, int64_t count, int64_t group_size,
                    const FixedPointVector& out) {
  return HWY_DYNAMIC_DISPATCH(to_fixed_point_digits)(x, count, group_size, out);
}

void dot_fixed_point(int64_t group_size, const WordRow* rows, int64_t row_count, int64_t columns,
                     const FixedPointVector& x, const float* group_sums, float* sums) {
  HWY_DYNAMIC_DISPATCH(dot_fixed_point_rows)
  (group_size, rows, row_count, columns, x, group_sums, sums);
}

}  // namespace mlx::core::cpu
#endif
