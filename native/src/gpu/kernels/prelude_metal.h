// What Metal's language has to be told. Products and sums round one by one: its safe math would
// contract them within a statement ("Metal Shading Language Specification", 1.6.3).
#include <metal_stdlib>
#pragma METAL fp math_mode(safe)
#pragma METAL fp contract(off)
#pragma STDC FP_CONTRACT OFF
using namespace metal;

inline uint count_bits(uint x) { return popcount(x); }
inline void lane_barrier() { simdgroup_barrier(mem_flags::mem_threadgroup); }
/// A bit for each lane.
inline uint lanes_where(bool value, uint lane) {
  uint bits = uint(value) << lane;
  for (ushort mask = 1; mask < 32; mask *= 2) bits |= simd_shuffle_xor(bits, mask);
  return bits;
}

/// Stores `desired` where `expected` stands, as one step; returns what stood there. The language's
/// own may fail for no reason.
inline uint compare_exchange(device uint* place, uint expected, uint desired) {
  uint seen = expected;
  while (!atomic_compare_exchange_weak_explicit((device atomic_uint*)place, &seen, desired,
                                                memory_order_relaxed, memory_order_relaxed) &&
         seen == expected) {
  }
  return seen;
}
/// There is none of 64 bits. Only kernels of one thread call this: gpu/indexing.cpp.
inline ulong compare_exchange(device ulong* place, ulong expected, ulong desired) {
  const ulong seen = *place;
  if (seen == expected) *place = desired;
  return seen;
}
/// What stands there while others may change it.
inline uint load_atomic(device uint* place) {
  return atomic_load_explicit((device atomic_uint*)place, memory_order_relaxed);
}
inline ulong load_atomic(device ulong* place) { return *place; }
inline void atomic_add(device float* place, float value) {
  atomic_fetch_add_explicit((device atomic_float*)place, value, memory_order_relaxed);
}
