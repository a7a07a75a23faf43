// Builds a ReduceKernel from a policy; compiled once a SIMD target. A policy has
//   In, State, kChains, identity(), combine(State, In), merge(State, State)
// and may hide row() and columns() of GenericPolicy with vectorised ones.

#if defined(MLX_CPU_REDUCE_KERNEL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_REDUCE_KERNEL_INL_H
#undef MLX_CPU_REDUCE_KERNEL_INL_H
#else
#define MLX_CPU_REDUCE_KERNEL_INL_H
#endif

#include <algorithm>
#include <cstdint>

#include "cpu/reduce/kernel.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

template <typename Policy, typename In_, typename State_>
struct GenericPolicy {
  using In = In_;
  using State = State_;
  /// Independent running values: more hide the latency of floating-point arithmetic, while the
  /// compiler vectorises integers best as one.
  static constexpr int kChains = 1;

  static void row(const In* in, int64_t length, State& state) {
    constexpr int kChains = Policy::kChains;
    State chains[kChains];
    for (State& chain : chains) chain = Policy::identity();
    int64_t i = 0;
    for (; i + kChains <= length; i += kChains)
      for (int c = 0; c < kChains; ++c) chains[c] = Policy::combine(chains[c], in[i + c]);
    for (; i < length; ++i) chains[0] = Policy::combine(chains[0], in[i]);
    for (const State& chain : chains) state = Policy::merge(state, chain);
  }

  static void columns(const In* in, int64_t outputs, int64_t length, int64_t step, State* states) {
    for (int64_t i = 0; i < length; ++i, in += step)
      for (int64_t o = 0; o < outputs; ++o) states[o] = Policy::combine(states[o], in[o]);
  }
};

template <typename Policy>
void accumulate_rows(const void* data, int64_t outputs, int64_t output_stride, int64_t length,
                     int64_t /*first*/, void* out) {
  auto in = static_cast<const typename Policy::In*>(data);
  auto states = static_cast<typename Policy::State*>(out);
  for (int64_t o = 0; o < outputs; ++o) Policy::row(in + o * output_stride, length, states[o]);
}

template <typename Policy>
void accumulate_columns(const void* data, int64_t outputs, int64_t length, int64_t step,
                        int64_t /*first*/, void* out) {
  Policy::columns(static_cast<const typename Policy::In*>(data), outputs, length, step,
                  static_cast<typename Policy::State*>(out));
}

template <typename Policy>
void init_states(void* states, size_t count) {
  std::fill_n(static_cast<typename Policy::State*>(states), count, Policy::identity());
}

template <typename Policy>
void merge_states(void* states, const void* others, size_t count) {
  auto into = static_cast<typename Policy::State*>(states);
  auto from = static_cast<const typename Policy::State*>(others);
  for (size_t i = 0; i < count; ++i) into[i] = Policy::merge(into[i], from[i]);
}

/// Out needs a conversion from State.
template <typename State, typename Out>
void finish_states(const void* states, size_t count, void* out, int64_t out_stride) {
  auto from = static_cast<const State*>(states);
  auto to = static_cast<Out*>(out);
  for (size_t i = 0; i < count; ++i) to[int64_t(i) * out_stride] = static_cast<Out>(from[i]);
}

template <typename Policy, typename Out>
ReduceKernel make_kernel(const char* name) {
  using State = typename Policy::State;
  return {name,
          sizeof(State),
          init_states<Policy>,
          accumulate_rows<Policy>,
          accumulate_columns<Policy>,
          merge_states<Policy>,
          finish_states<State, Out>};
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#endif
