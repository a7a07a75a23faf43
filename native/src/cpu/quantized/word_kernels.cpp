// Highway compiles this file once for each SIMD target.
#include "cpu/quantized/word_kernels.h"

#include <algorithm>
#include <cstring>

#include "cpu/quantized/small_floats.h"
#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/quantized/word_kernels.cpp"
#include "hwy/foreach_target.h"

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using WordTag = hn::ScalableTag<uint32_t>;
using IntegerTag = hn::ScalableTag<int32_t>;
using FloatVector = hn::Vec<FloatTag>;
using WordVector = hn::Vec<WordTag>;

/// A block of words, ready to be decoded.
template <CodeKind kind>
struct Block {
  WordVector words;
  explicit HWY_INLINE Block(WordVector w) : words(w) {}
};

/// Four low halves of bytes, each looked up.
HWY_INLINE WordVector e2m1_halves(WordVector codes) {
#if HWY_TARGET == HWY_SCALAR
  uint32_t result = 0;
  for (int i = 0; i < 32; i += 8)
    result |= uint32_t(uint8_t(kE2m1Halves[hn::GetLane(codes) >> i & 15])) << i;
  return hn::Set(WordTag(), result);
#else
  const hn::Repartition<uint8_t, WordTag> bytes;
  const auto table = hn::LoadDup128(bytes, reinterpret_cast<const uint8_t*>(kE2m1Halves));
  const auto indices = hn::And(hn::BitCast(bytes, codes), hn::Set(bytes, 15));
  return hn::BitCast(WordTag(), hn::TableLookupBytes(table, indices));
#endif
}

/// E2M1 in halves as signed bytes: those of even and of odd codes.
template <>
struct Block<CodeKind::e2m1> {
  WordVector even, odd;
  explicit HWY_INLINE Block(WordVector w)
      : even(e2m1_halves(w)), odd(e2m1_halves(hn::ShiftRight<4>(w))) {}
};

/// Code `step` of each word, times 2^(step * bits) unless it is the last one of unsigned codes.
template <CodeKind kind>
HWY_INLINE FloatVector decode(const Block<kind>& block, int step) {
  const FloatTag d;
  const WordTag du;
  const IntegerTag di;
  constexpr int kBits = 32 / codes_in_word(kind);
  if constexpr (kind == CodeKind::e2m1) {
    const auto bytes = step % 2 ? block.odd : block.even;
    const auto high = hn::BitCast(di, hn::ShiftLeftSame(bytes, 24 - step / 2 * 8));
    return hn::ConvertTo(d, hn::ShiftRight<24>(high));
  } else if constexpr (kind == CodeKind::e4m3) {
    const auto code = hn::And(hn::ShiftRightSame(block.words, 8 * step), hn::Set(du, 255));
    const auto magnitude = hn::And(code, hn::Set(du, 127));
    // The exponent's bias grows from 7 to 127; subnormal codes are multiples of 2^-9.
    const auto normal = hn::Add(hn::ShiftLeft<20>(magnitude), hn::Set(du, 120u << 23));
    const auto small = hn::Mul(hn::ConvertTo(d, hn::BitCast(di, magnitude)), hn::Set(d, 0x1p-9f));
    const auto is_small = hn::Lt(hn::BitCast(di, magnitude), hn::Set(di, 8));
    const auto is_nan = hn::Eq(magnitude, hn::Set(du, 127));
    auto value = hn::IfThenElse(hn::RebindMask(d, is_small), small, hn::BitCast(d, normal));
    value = hn::IfThenElse(hn::RebindMask(d, is_nan), hn::NaN(d), value);
    const auto sign = hn::ShiftLeft<24>(hn::And(code, hn::Set(du, 128)));
    return hn::Xor(value, hn::BitCast(d, sign));
  } else {
    const uint32_t mask = (1u << kBits) - 1;
    const bool is_last = step == codes_in_word(kind) - 1;
    const auto code = is_last ? hn::ShiftRight<32 - kBits>(block.words)
                              : hn::And(block.words, hn::Set(du, mask << (step * kBits)));
    return hn::ConvertTo(d, hn::BitCast(di, code));
  }
}

/// The words at `words`, zeros beyond the last of `count`.
HWY_INLINE WordVector load_words(const uint8_t* words, int64_t count) {
  const WordTag du;
  if (count >= int64_t(hn::Lanes(du)))
    return hn::LoadU(du, reinterpret_cast<const uint32_t*>(words));
  HWY_ALIGN uint32_t padded[hn::MaxLanes(du)] = {};
  std::memcpy(padded, words, size_t(count) * 4);
  return hn::Load(du, padded);
}

/// The scales of a block's words.
class BlockScales {
 public:
  explicit HWY_INLINE BlockScales(int group_shift)
      : shift_(group_shift), group_(hn::SetTableIndices(FloatTag(), lane_groups(group_shift).at)) {}

  HWY_INLINE FloatVector load(const float* scales, int64_t word) const {
    return hn::TableLookupLanes(hn::LoadU(FloatTag(), scales + (word >> shift_)), group_);
  }

 private:
  struct LaneGroups {
    int32_t at[hn::MaxLanes(FloatTag())];
  };
  static LaneGroups lane_groups(int shift) {
    LaneGroups groups;
    for (size_t lane = 0; lane < hn::MaxLanes(FloatTag()); ++lane)
      groups.at[lane] = int32_t(lane >> shift);
    return groups;
  }

  int shift_;
  decltype(hn::SetTableIndices(FloatTag(), static_cast<const int32_t*>(nullptr))) group_;
};

/// Rows that are multiplied at once, and sums for each row and vector, so that no sum waits long
/// for the one before: as many as the registers hold.
template <int kVectors>
inline constexpr int kDotRows = kVectors <= 2 ? 2 : 1;
template <int kVectors>
inline constexpr int kDotChains = kVectors == 1 ? 2 : 1;

/// totals[r][v] += the products of a block of words of each row with a block of each vector.
template <CodeKind kind, int kRows, int kVectors>
HWY_INLINE void dot_block(const WordVector (&words)[kRows], const FloatVector (&scales)[kRows],
                          const float* x, int64_t stride, FloatVector (&totals)[kRows][kVectors]) {
  const FloatTag d;
  constexpr int kChains = kDotChains<kVectors>, kSteps = codes_in_word(kind);
  const int64_t lanes = int64_t(hn::Lanes(d));
  FloatVector products[kRows][kVectors][kChains];
#pragma GCC unroll 16
  for (int step = 0; step < kSteps; ++step) {
    FloatVector numbers[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) numbers[v] = hn::LoadU(d, x + v * stride + step * lanes);
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
      const FloatVector code = decode(Block<kind>(words[r]), step);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        FloatVector& product = products[r][v][step % kChains];
        product =
            step < kChains ? hn::Mul(code, numbers[v]) : hn::MulAdd(code, numbers[v], product);
      }
    }
  }
#pragma GCC unroll 2
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      FloatVector product = products[r][v][0];
      if constexpr (kChains == 2) product = hn::Add(product, products[r][v][1]);
      totals[r][v] = hn::MulAdd(product, scales[r], totals[r][v]);
    }
}

template <CodeKind kind, int kRows, int kVectors>
void dot(int group_shift, const WordRow* rows, int64_t count, const WordVectors& vectors,
         float* sums) {
  const FloatTag d;
  const int64_t lanes = int64_t(hn::Lanes(d)), block = lanes * codes_in_word(kind);
  const BlockScales group_scales(group_shift);
  const float* x = vectors.numbers;
  const uint8_t* codes[kRows];
  const float* scales_of[kRows];
  FloatVector totals[kRows][kVectors];
#pragma GCC unroll 2
  for (int r = 0; r < kRows; ++r) {
    codes[r] = static_cast<const uint8_t*>(rows[r].words);
    scales_of[r] = rows[r].scales;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) totals[r][v] = hn::Zero(d);
  }
  WordVector words[kRows];
  FloatVector scales[kRows];
  int64_t w = 0;
  for (; w + lanes <= count; w += lanes, x += block) {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
      words[r] = hn::LoadU(WordTag(), reinterpret_cast<const uint32_t*>(codes[r] + 4 * w));
      scales[r] = group_scales.load(scales_of[r], w);
      // Rows are short, so that the processor doesn't see in time where the next ones begin.
      hwy::Prefetch(codes[r] + 4 * (w + kRows * count));
    }
    dot_block<kind>(words, scales, x, vectors.stride, totals);
  }
  if (w < count) {
    for (int r = 0; r < kRows; ++r) {
      words[r] = load_words(codes[r] + 4 * w, count - w);
      scales[r] = group_scales.load(scales_of[r], w);
    }
    dot_block<kind>(words, scales, x, vectors.stride, totals);
  }
  const int64_t groups = rows[0].biases ? ((count - 1) >> group_shift) + 1 : 0;
  for (int r = 0; r < kRows; ++r) {
    for (int64_t g = 0; g < groups; g += lanes) {
      const FloatVector bias = hn::LoadU(d, rows[r].biases + g);
      for (int v = 0; v < kVectors; ++v)
        totals[r][v] = hn::MulAdd(
            bias, hn::LoadU(d, vectors.group_sums + v * vectors.group_stride + g), totals[r][v]);
    }
    for (int v = 0; v < kVectors; ++v)
      sums[r * kMaxWordVectors + v] = hn::GetLane(hn::SumOfLanes(d, totals[r][v]));
  }
}

template <CodeKind kind, int kVectors>
void dot_rows(int group_shift, const WordRow* rows, int64_t row_count, int64_t count,
              const WordVectors& x, float* sums) {
  constexpr int kRows = kDotRows<kVectors>;
  int64_t r = 0;
  for (; r + kRows <= row_count; r += kRows)
    dot<kind, kRows, kVectors>(group_shift, rows + r, count, x, sums + r * kMaxWordVectors);
  for (; r < row_count; ++r)
    dot<kind, 1, kVectors>(group_shift, rows + r, count, x, sums + r * kMaxWordVectors);
}

template <CodeKind kind>
void dot_vectors(int group_shift, const WordRow* rows, int64_t row_count, int64_t count,
                 const WordVectors& x, float* sums) {
  switch (x.count) {
    case 1:
      return dot_rows<kind, 1>(group_shift, rows, row_count, count, x, sums);
    case 2:
      return dot_rows<kind, 2>(group_shift, rows, row_count, count, x, sums);
    case 3:
      return dot_rows<kind, 3>(group_shift, rows, row_count, count, x, sums);
    default:
      return dot_rows<kind, 4>(group_shift, rows, row_count, count, x, sums);
  }
}

template <CodeKind kind, int kRows>
void add(int group_shift, const WordRow* rows, int64_t count, const float* factors, float* out) {
  const FloatTag d;
  const int64_t lanes = int64_t(hn::Lanes(d));
  constexpr int kSteps = codes_in_word(kind);
  const BlockScales group_scales(group_shift);
  for (int64_t w = 0; w < count; w += lanes, out += kSteps * lanes) {
    WordVector words[kRows];
    FloatVector scales[kRows];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      words[r] = load_words(static_cast<const uint8_t*>(rows[r].words) + 4 * w, count - w);
      scales[r] = hn::Mul(group_scales.load(rows[r].scales, w), hn::Set(d, factors[r]));
    }
#pragma GCC unroll 16
    for (int step = 0; step < kSteps; ++step) {
      auto sum = hn::LoadU(d, out + step * lanes);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r)
        sum = hn::MulAdd(decode(Block<kind>(words[r]), step), scales[r], sum);
      hn::StoreU(sum, d, out + step * lanes);
    }
  }
}

template <CodeKind kind>
void add_rows(int group_shift, const WordRow* rows, int64_t row_count, int64_t count,
              const float* factors, float* out) {
  if (row_count == kWordRows) return add<kind, kWordRows>(group_shift, rows, count, factors, out);
  for (int64_t r = 0; r < row_count; ++r)
    add<kind, 1>(group_shift, rows + r, count, factors + r, out);
}

void dot_words_of(const WordFormat& format, const WordRow* rows, int64_t row_count, int64_t words,
                  const WordVectors& x, float* sums) {
  using enum CodeKind;
  const int shift = format.group_shift;
  switch (format.kind) {
    case unsigned2:
      return dot_vectors<unsigned2>(shift, rows, row_count, words, x, sums);
    case unsigned4:
      return dot_vectors<unsigned4>(shift, rows, row_count, words, x, sums);
    case unsigned8:
      return dot_vectors<unsigned8>(shift, rows, row_count, words, x, sums);
    case e2m1:
      return dot_vectors<e2m1>(shift, rows, row_count, words, x, sums);
    case e4m3:
      return dot_vectors<e4m3>(shift, rows, row_count, words, x, sums);
  }
}

void add_words_of(const WordFormat& format, const WordRow* rows, int64_t row_count, int64_t words,
                  const float* factors, float* out) {
  using enum CodeKind;
  const int shift = format.group_shift;
  switch (format.kind) {
    case unsigned2:
      return add_rows<unsigned2>(shift, rows, row_count, words, factors, out);
    case unsigned4:
      return add_rows<unsigned4>(shift, rows, row_count, words, factors, out);
    case unsigned8:
      return add_rows<unsigned8>(shift, rows, row_count, words, factors, out);
    case e2m1:
      return add_rows<e2m1>(shift, rows, row_count, words, factors, out);
    case e4m3:
      return add_rows<e4m3>(shift, rows, row_count, words, factors, out);
  }
}

int64_t word_lanes() { return int64_t(hn::Lanes(FloatTag())); }

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {
namespace {

/// What takes back that a code wasn't shifted down.
float word_order_factor(CodeKind kind, int step) {
  const int steps = codes_in_word(kind), bits = 32 / steps;
  if (kind == CodeKind::e2m1 || kind == CodeKind::e4m3 || step == steps - 1) return 1;
  return 1.0f / float(1u << (step * bits));
}

}  // namespace

HWY_EXPORT(dot_words_of);
HWY_EXPORT(add_words_of);
HWY_EXPORT(word_lanes);

WordOrder word_order(CodeKind kind) { return {kind, HWY_DYNAMIC_DISPATCH(word_lanes)()}; }

void WordOrder::scatter(const float* numbers, int64_t count, float* ordered) const {
  const int64_t steps = codes_in_word(kind);
  std::fill_n(ordered, size(count), 0.0f);
  for (int64_t step = 0; step < steps; ++step) {
    const float factor = word_order_factor(kind, int(step));
    for (int64_t first = 0; first < count; first += block()) {
      const float* from = numbers + first;
      float* to = ordered + first + step * lanes;
      const int64_t end = std::min(block(), count - first);
      for (int64_t i = step; i < end; i += steps) *to++ = from[i] * factor;
    }
  }
}

void WordOrder::gather(const float* ordered, int64_t count, float* numbers) const {
  const int64_t steps = codes_in_word(kind);
  for (int64_t step = 0; step < steps; ++step) {
    const float factor = word_order_factor(kind, int(step));
    for (int64_t first = 0; first < count; first += block()) {
      const float* from = ordered + first + step * lanes;
      float* to = numbers + first;
      const int64_t end = std::min(block(), count - first);
      for (int64_t i = step; i < end; i += steps) to[i] = *from++ * factor;
    }
  }
}

void dot_words(const WordFormat& format, const WordRow* rows, int64_t row_count, int64_t words,
               const WordVectors& x, float* sums) {
  HWY_DYNAMIC_DISPATCH(dot_words_of)(format, rows, row_count, words, x, sums);
}

void add_words(const WordFormat& format, const WordRow* rows, int64_t row_count, int64_t words,
               const float* factors, float* out) {
  HWY_DYNAMIC_DISPATCH(add_words_of)(format, rows, row_count, words, factors, out);
}

}  // namespace mlx::core::cpu
#endif
