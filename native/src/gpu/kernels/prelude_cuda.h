// What Metal's language has built in, for NVRTC: no CUDA header is needed. Compiled with
// -default-device and --fmad=false. After all that could come from elsewhere, since these are
// macros.
#define device
#define threadgroup
#define constant const
#define thread

using int8_t = signed char;
using int16_t = short;
using int32_t = int;
using int64_t = long long;
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using uint64_t = unsigned long long;

#define INFINITY __int_as_float(0x7f800000)
#define NAN __int_as_float(0x7fc00000)

template <typename To, typename From>
inline To as_type(From value) {
  static_assert(sizeof(To) == sizeof(From), "as_type keeps the bits");
  union {
    From from;
    To to;
  } both = {value};
  return both.to;
}

inline float fma(float a, float b, float c) { return __fmaf_rn(a, b, c); }
inline float sqrt(float x) { return __fsqrt_rn(x); }
inline float fabs(float x) { return __int_as_float(__float_as_int(x) & 0x7fffffff); }
inline float floor(float x) { return ::floorf(x); }
inline float ceil(float x) { return ::ceilf(x); }
inline float trunc(float x) { return ::truncf(x); }
inline float rint(float x) { return ::rintf(x); }
inline float copysign(float x, float sign) { return ::copysignf(x, sign); }
inline uint32_t mulhi(uint32_t a, uint32_t b) { return __umulhi(a, b); }
inline uint64_t mulhi(uint64_t a, uint64_t b) { return __umul64hi(a, b); }
inline uint32_t clz(uint32_t x) { return uint32_t(__clz(int(x))); }
inline uint32_t count_bits(uint32_t x) { return uint32_t(__popc(x)); }

inline uint16_t float_to_half(float value) {
  uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
inline float half_to_float(uint16_t bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
inline uint16_t float_to_bfloat(float value) {
#if __CUDA_ARCH__ >= 800
  uint16_t bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
#else
  uint32_t bits = __float_as_uint(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return uint16_t((bits >> 16) | 0x40u);
  return uint16_t((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
#endif
}

enum class mem_flags { mem_none, mem_device, mem_threadgroup };
inline void threadgroup_barrier(mem_flags) { __syncthreads(); }

template <typename T>
inline T simd_shuffle_xor(T value, uint16_t mask) {
  return __shfl_xor_sync(0xffffffffu, value, mask);
}
template <typename T>
inline T simd_shuffle_down(T value, uint16_t delta) {
  return __shfl_down_sync(0xffffffffu, value, delta);
}

template <typename T>
inline T simd_shuffle_up(T value, uint16_t delta) {
  return __shfl_up_sync(0xffffffffu, value, delta);
}
template <typename T>
inline T simd_broadcast(T value, uint16_t lane) {
  return __shfl_sync(0xffffffffu, value, lane);
}

/// The thread in its simdgroup, and how many that has.
inline uint32_t thread_number() {
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
inline uint32_t lane_number() { return thread_number() & 31u; }
inline uint32_t lanes_present() {
  const uint32_t left = blockDim.x * blockDim.y * blockDim.z - (thread_number() & ~uint32_t(31));
  return left < 32u ? left : 32u;
}
/// Orders what a simdgroup's lanes do to memory that they share.
inline void lane_barrier() { __syncwarp(); }
/// A bit for each lane.
inline uint32_t lanes_where(bool value, uint32_t) { return __ballot_sync(0xffffffffu, value); }

/// Stores `desired` where `expected` stands, as one step; returns what stood there.
inline uint32_t compare_exchange(uint32_t* place, uint32_t expected, uint32_t desired) {
  return ::atomicCAS(place, expected, desired);
}
inline uint64_t compare_exchange(uint64_t* place, uint64_t expected, uint64_t desired) {
  return ::atomicCAS(place, expected, desired);
}
template <typename T>
inline T load_atomic(const T* place) {
  return *(const volatile T*)place;
}
inline void store_atomic(uint64_t* place, uint64_t value) { *(volatile uint64_t*)place = value; }
/// These return what stood there.
inline float atomic_add(float* place, float value) { return ::atomicAdd(place, value); }
inline uint32_t atomic_add(uint32_t* place, uint32_t value) { return ::atomicAdd(place, value); }
