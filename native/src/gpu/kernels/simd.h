// What the lanes of a simdgroup, and the threads of a group, do together. Trees of one shape on
// every device, so that sums have the same bits.

// Exchanges of any value of plain numbers, word by word.

/// From the lane whose number differs by `mask`.
template <typename T>
inline T shuffle_xor(T value, uint16_t mask) {
  if constexpr (sizeof(T) < 4) {
    return T(simd_shuffle_xor(uint(value), mask));
  } else {
    thread uint* words = (thread uint*)&value;
    for (uint i = 0; i < sizeof(T) / 4; ++i) words[i] = simd_shuffle_xor(words[i], mask);
    return value;
  }
}
/// From the lane that stands so many before; the first ones keep theirs.
template <typename T>
inline T shuffle_up(T value, uint16_t delta) {
  if constexpr (sizeof(T) < 4) {
    return T(simd_shuffle_up(uint(value), delta));
  } else {
    thread uint* words = (thread uint*)&value;
    for (uint i = 0; i < sizeof(T) / 4; ++i) words[i] = simd_shuffle_up(words[i], delta);
    return value;
  }
}
/// From one lane to all.
template <typename T>
inline T broadcast_lane(T value, uint16_t lane) {
  if constexpr (sizeof(T) < 4) {
    return T(simd_broadcast(uint(value), lane));
  } else {
    thread uint* words = (thread uint*)&value;
    for (uint i = 0; i < sizeof(T) / 4; ++i) words[i] = simd_broadcast(words[i], lane);
    return value;
  }
}

/// Every one of `lanes` neighbouring lanes, a power of two, gets all of their values combined.
template <typename Op, typename T>
inline T combine_lanes(T value, uint lanes) {
  for (uint mask = lanes / 2; mask > 0; mask /= 2)
    value = Op::combine(value, shuffle_xor(value, uint16_t(mask)));
  return value;
}

/// Every thread of a group of whole simdgroups gets all values combined. `part` has a place for
/// each simdgroup.
template <typename Op, typename T>
inline T combine_group(T value, threadgroup T* part, Group g) {
  value = combine_lanes<Op>(value, SIMD_WIDTH);
  const uint simds = g.size.x / SIMD_WIDTH;
  if (g.lane == 0) part[g.simd] = value;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  value = g.lane < simds ? part[g.lane] : Op::identity();
  value = combine_lanes<Op>(value, SIMD_WIDTH);
  // The places are free for the next time.
  threadgroup_barrier(mem_flags::mem_threadgroup);
  return value;
}

/// The same among `lanes` neighbouring threads: a power of two up to a simdgroup, or the whole
/// group.
template <typename Op, int lanes, typename T>
inline T combine_row(T value, threadgroup T* part, Group g) {
  if (lanes > int(SIMD_WIDTH)) return combine_group<Op>(value, part, g);
  return combine_lanes<Op>(value, uint(lanes));
}

struct PlainSum {
  static float identity() { return 0.0f; }
  static float combine(float a, float b) { return a + b; }
};
