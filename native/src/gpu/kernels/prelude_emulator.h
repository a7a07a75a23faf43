// What Metal's language has built in, for a C++ compiler on the host, which runs kernels in tests.
// The emulator includes standard headers before this, and defines `yield`: it lets the group's
// other threads run up to the same place.
#define device
#define threadgroup
#define constant const
#define thread

template <typename To, typename From>
inline To as_type(From value) {
  return std::bit_cast<To>(value);
}

inline float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float sqrt(float x) { return __builtin_sqrtf(x); }
inline float fabs(float x) { return __builtin_fabsf(x); }
inline float floor(float x) { return __builtin_floorf(x); }
inline float ceil(float x) { return __builtin_ceilf(x); }
inline float trunc(float x) { return __builtin_truncf(x); }
inline float rint(float x) { return __builtin_rintf(x); }
inline float copysign(float x, float sign) { return __builtin_copysignf(x, sign); }
inline uint32_t mulhi(uint32_t a, uint32_t b) { return uint32_t(uint64_t(a) * b >> 32); }
inline uint64_t mulhi(uint64_t a, uint64_t b) {
  return uint64_t(static_cast<unsigned __int128>(a) * b >> 64);
}
inline uint32_t clz(uint32_t x) { return uint32_t(std::countl_zero(x)); }
inline uint32_t count_bits(uint32_t x) { return uint32_t(std::popcount(x)); }

inline uint16_t float_to_half(float value) {
  uint32_t bits = as_type<uint32_t>(value);
  uint32_t sign = (bits >> 16) & 0x8000u;
  bits &= 0x7fffffffu;
  if (bits > 0x7f800000u) return uint16_t(sign | 0x7e00u);
  if (bits >= 0x477ff000u) return uint16_t(sign | 0x7c00u);
  // A subnormal half's last bit stands where 0.5 has its last bit.
  if (bits < 0x38800000u)
    return uint16_t(sign | (as_type<uint32_t>(as_type<float>(bits) + 0.5f) - 0x3f000000u));
  bits += 0xfffu + ((bits >> 13) & 1u);
  return uint16_t(sign | ((bits - (112u << 23)) >> 13));
}
inline float half_to_float(uint16_t bits) {
  float magnitude;
  uint32_t exponent = (bits >> 10) & 0x1fu, fraction = bits & 0x3ffu;
  if (exponent == 0)
    magnitude = float(fraction) * 0x1p-24f;
  else
    magnitude =
        as_type<float>((exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | fraction << 13);
  return bits & 0x8000u ? -magnitude : magnitude;
}
inline uint16_t float_to_bfloat(float value) {
  uint32_t bits = as_type<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return uint16_t((bits >> 16) | 0x40u);
  return uint16_t((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

enum class mem_flags { mem_none, mem_device, mem_threadgroup };
inline void threadgroup_barrier(mem_flags) { emulator::group_barrier(); }

template <typename T>
inline T simd_shuffle_xor(T value, uint16_t mask) {
  T result;
  emulator::exchange(&value, &result, sizeof(T), emulator::lane() ^ mask);
  return result;
}
template <typename T>
inline T simd_shuffle_down(T value, uint16_t delta) {
  T result;
  uint32_t from = emulator::lane() + delta;
  emulator::exchange(&value, &result, sizeof(T), from < 32 ? from : emulator::lane());
  return result;
}

template <typename T>
inline T simd_shuffle_up(T value, uint16_t delta) {
  T result;
  uint32_t lane = emulator::lane();
  emulator::exchange(&value, &result, sizeof(T), lane >= delta ? lane - delta : lane);
  return result;
}
template <typename T>
inline T simd_broadcast(T value, uint16_t lane) {
  T result;
  emulator::exchange(&value, &result, sizeof(T), lane);
  return result;
}

/// The thread in its simdgroup, and how many that has.
inline uint32_t lane_number() { return emulator::lane(); }
inline uint32_t lanes_present() { return emulator::lanes(); }
inline void lane_barrier() { emulator::simd_barrier(); }
inline uint32_t lanes_where(bool value, uint32_t lane) {
  uint32_t bits = uint32_t(value) << lane;
  for (uint16_t mask = 1; mask < 32; mask *= 2) bits |= simd_shuffle_xor(bits, mask);
  return bits;
}

// Atomic steps are told to the emulator, and are no accesses of their own.
#define ATOMIC_STEP __attribute__((no_sanitize("thread"), noinline))

/// Stores `desired` where `expected` stands, as one step; returns what stood there.
template <typename T>
ATOMIC_STEP T compare_exchange(device T* place, T expected, T desired) {
  emulator::atomic_step(place, sizeof(T), true);
  T old = *place;
  if (old == expected) *place = desired;
  return old;
}
template <typename T>
ATOMIC_STEP T load_atomic(const device T* place) {
  emulator::atomic_step(place, sizeof(T), false);
  return *place;
}
inline ATOMIC_STEP void store_atomic(device uint64_t* place, uint64_t value) {
  emulator::atomic_step(place, sizeof(value), true);
  *place = value;
}
/// These return what stood there.
template <typename T>
ATOMIC_STEP T atomic_add(device T* place, T value) {
  emulator::atomic_step(place, sizeof(T), true);
  T old = *place;
  *place = T(old + value);
  return old;
}
