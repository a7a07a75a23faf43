// What the threads of a simdgroup do together, for kernels that callers wrote, on CUDA and in the
// emulator. Every thread of the simdgroup must come by; the last one of a group may have fewer.
#include "gpu/kernels/metal_types.h"

namespace metal {

/// A value as the words that threads exchange.
template <typename T>
struct Words {
  static constexpr int count = int(sizeof(T) + 3) / 4;
  uint words[count];

  explicit Words(T value) {
    words[count - 1] = 0;
    const thread uchar* bytes = (const thread uchar*)&value;
    thread uchar* own = (thread uchar*)words;
    for (int i = 0; i < int(sizeof(T)); ++i) own[i] = bytes[i];
  }
  T value() const {
    T result;
    thread uchar* bytes = (thread uchar*)&result;
    const thread uchar* own = (const thread uchar*)words;
    for (int i = 0; i < int(sizeof(T)); ++i) bytes[i] = own[i];
    return result;
  }
};

template <typename T>
inline T simd_shuffle(T value, ushort lane) {
  Words<T> all(value);
  for (int i = 0; i < Words<T>::count; ++i) all.words[i] = broadcast_lane(all.words[i], lane);
  return all.value();
}
template <typename T>
inline T simd_broadcast(T value, ushort lane) {
  return simd_shuffle(value, lane);
}
template <typename T>
inline T simd_broadcast_first(T value) {
  return simd_shuffle(value, 0);
}
template <typename T>
inline T simd_shuffle_xor(T value, ushort mask) {
  return simd_shuffle(value, ushort(lane_number() ^ mask));
}
/// Lanes past the end keep their own value.
template <typename T>
inline T simd_shuffle_down(T value, ushort delta) {
  const uint from = lane_number() + delta;
  return simd_shuffle(value, ushort(from < lanes_present() ? from : lane_number()));
}
template <typename T>
inline T simd_shuffle_up(T value, ushort delta) {
  const uint lane = lane_number();
  return simd_shuffle(value, ushort(lane >= delta ? lane - delta : lane));
}

struct SumOf {
  template <typename T>
  static T combine(T a, T b) {
    return T(a + b);
  }
};
struct ProductOf {
  template <typename T>
  static T combine(T a, T b) {
    return T(a * b);
  }
};
struct LeastOf {
  template <typename T>
  static T combine(T a, T b) {
    return b < a ? b : a;
  }
};
struct MostOf {
  template <typename T>
  static T combine(T a, T b) {
    return a < b ? b : a;
  }
};
struct AndOf {
  template <typename T>
  static T combine(T a, T b) {
    return T(a & b);
  }
};
struct OrOf {
  template <typename T>
  static T combine(T a, T b) {
    return T(a | b);
  }
};
struct XorOf {
  template <typename T>
  static T combine(T a, T b) {
    return T(a ^ b);
  }
};

/// All lanes get the values of all combined.
template <typename Op, typename T>
inline T combine_all(T value) {
  const uint lane = lane_number(), present = lanes_present();
  for (uint delta = SIMD_WIDTH / 2; delta > 0; delta /= 2) {
    T other = simd_shuffle_down(value, ushort(delta));
    if (lane + delta < present) value = Op::combine(value, other);
  }
  return simd_broadcast_first(value);
}
template <typename Op, typename T>
inline T combine_up_to(T value) {
  for (uint delta = 1; delta < SIMD_WIDTH; delta *= 2) {
    T other = simd_shuffle_up(value, ushort(delta));
    if (lane_number() >= delta) value = Op::combine(other, value);
  }
  return value;
}

template <typename T>
inline T simd_sum(T value) {
  return combine_all<SumOf>(value);
}
template <typename T>
inline T simd_product(T value) {
  return combine_all<ProductOf>(value);
}
template <typename T>
inline T simd_min(T value) {
  return combine_all<LeastOf>(value);
}
template <typename T>
inline T simd_max(T value) {
  return combine_all<MostOf>(value);
}
template <typename T>
inline T simd_and(T value) {
  return combine_all<AndOf>(value);
}
template <typename T>
inline T simd_or(T value) {
  return combine_all<OrOf>(value);
}
template <typename T>
inline T simd_xor(T value) {
  return combine_all<XorOf>(value);
}
inline bool simd_all(bool value) { return combine_all<AndOf>(int(value)) != 0; }
inline bool simd_any(bool value) { return combine_all<OrOf>(int(value)) != 0; }
inline bool simd_is_first() { return lane_number() == 0; }
template <typename T>
inline T simd_prefix_inclusive_sum(T value) {
  return combine_up_to<SumOf>(value);
}
template <typename T>
inline T simd_prefix_exclusive_sum(T value) {
  T before = simd_shuffle_up(combine_up_to<SumOf>(value), 1);
  return lane_number() == 0 ? T(0) : before;
}
template <typename T>
inline T simd_prefix_inclusive_product(T value) {
  return combine_up_to<ProductOf>(value);
}

/// Also orders what its threads do to memory.
inline void simdgroup_barrier(mem_flags) { lane_barrier(); }

}  // namespace metal
