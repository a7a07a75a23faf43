#include "cpu/reduce/arg_reduce.h"

#include <array>

#include "array/dtype_dispatch.h"
#include "cpu/reduce/driver.h"
#include "cpu/reduce/kernel.h"
#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/reduce/arg_reduce.cpp"
#include "hwy/foreach_target.h"

#include "cpu/reduce/extreme-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// The best value so far and where it was; kNowhere before the first.
template <typename Value>
struct Place {
  static constexpr uint32_t kNowhere = ~uint32_t(0);
  Value value;
  uint32_t index;
  explicit operator uint32_t() const { return index; }
};

template <bool kMax, typename T>
struct ArgExtreme {
  using Policy = Extreme<kMax, T>;
  using In = typename Policy::In;
  using Value = typename Policy::State;
  using State = Place<Value>;

  static State identity() { return {Policy::identity(), State::kNowhere}; }

  static State merge(State best, State later) {
    if (later.index == State::kNowhere) return best;
    return best.index == State::kNowhere || Policy::beats(later.value, best.value) ? later : best;
  }

  /// The block's value comes from the vectorised reduction; only a block that wins is searched.
  static void rows(const void* data, int64_t outputs, int64_t output_stride, int64_t length,
                   int64_t first, void* out) {
    constexpr int64_t kBlock = 1024;
    const ReduceKernel extreme = kMax ? max_kernel(exact_dtype<T>()) : min_kernel(exact_dtype<T>());
    auto in = static_cast<const In*>(data);
    auto states = static_cast<State*>(out);
    for (int64_t o = 0; o < outputs; ++o, in += output_stride) {
      State& state = states[o];
      for (int64_t i = 0; i < length; i += kBlock) {
        int64_t count = std::min(kBlock, length - i);
        Value best = Policy::identity();
        extreme.rows(in + i, 1, 0, count, 0, &best);
        if (state.index != State::kNowhere && !Policy::beats(best, state.value)) continue;
        int64_t k = i;
        while (!Policy::same(static_cast<Value>(in[k]), best)) ++k;
        state = {best, uint32_t(first + k)};
      }
    }
  }

  /// A strip of neighbouring outputs, with values and places apart so that the loop vectorises.
  static void columns(const void* data, int64_t outputs, int64_t length, int64_t step,
                      int64_t first, void* out) {
    constexpr int64_t kStrip = 256;
    std::array<Value, kStrip> values;
    std::array<uint32_t, kStrip> places;
    auto in = static_cast<const In*>(data);
    auto states = static_cast<State*>(out);
    for (int64_t o = 0; o < outputs; o += kStrip) {
      int64_t width = std::min(kStrip, outputs - o);
      const In* from = in + o;
      for (int64_t k = 0; k < width; ++k) {
        values[k] = static_cast<Value>(from[k]);
        places[k] = uint32_t(first);
      }
      for (int64_t i = 1; i < length; ++i) {
        from += step;
        uint32_t here = uint32_t(first + i);
        for (int64_t k = 0; k < width; ++k) {
          Value x = static_cast<Value>(from[k]);
          bool better = Policy::beats(x, values[k]);
          values[k] = better ? x : values[k];
          places[k] = better ? here : places[k];
        }
      }
      for (int64_t k = 0; k < width; ++k)
        states[o + k] = merge(states[o + k], {values[k], places[k]});
    }
  }
};

template <bool kMax>
ReduceKernel make_arg_extreme(Dtype dtype) {
  return dispatch_dtype(dtype, [](auto tag) -> ReduceKernel {
    using Policy = ArgExtreme<kMax, typename decltype(tag)::type>;
    using State = typename Policy::State;
    return {kMax ? "argmax" : "argmin",
            sizeof(State),
            init_states<Policy>,
            Policy::rows,
            Policy::columns,
            merge_states<Policy>,
            finish_states<State, uint32_t>,
            false,
            true};
  });
}

ReduceKernel make_argmax(Dtype dtype) { return make_arg_extreme<true>(dtype); }
ReduceKernel make_argmin(Dtype dtype) { return make_arg_extreme<false>(dtype); }

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(make_argmax);
HWY_EXPORT(make_argmin);

void arg_reduce(ArgReduceOp op, const StridedInput& in, int axis, uint32_t* out) {
  ReduceKernel kernel = op == ArgReduceOp::argmax ? HWY_DYNAMIC_DISPATCH(make_argmax)(in.dtype)
                                                  : HWY_DYNAMIC_DISPATCH(make_argmin)(in.dtype);
  run_reduction(kernel, in, std::span(&axis, 1), out, sizeof(uint32_t));
}

}  // namespace mlx::core::cpu
#endif
