// Atomic numbers of 32 bits for kernels that callers wrote, on CUDA and in the emulator.
#include "gpu/kernels/metal_types.h"

namespace metal {

enum memory_order { memory_order_relaxed };

template <typename T>
struct atomic {
  T value;
};
using atomic_int = atomic<int>;
using atomic_uint = atomic<uint>;
using atomic_float = atomic<float>;
using atomic_bool = atomic<bool>;

template <typename T>
inline device uint* word_of(device atomic<T>* object) {
  static_assert(sizeof(T) == 4, "atomic numbers have 32 bits");
  return (device uint*)object;
}

template <typename T>
inline T atomic_load_explicit(const device atomic<T>* object, memory_order) {
  return as_type<T>(load_atomic((const device uint*)object));
}
template <typename T>
inline T atomic_exchange_explicit(device atomic<T>* object, typename Identity<T>::type desired,
                                  memory_order) {
  device uint* word = word_of(object);
  uint seen = load_atomic(word), expected;
  do {
    expected = seen;
    seen = compare_exchange(word, expected, as_type<uint>(desired));
  } while (seen != expected);
  return as_type<T>(seen);
}
template <typename T>
inline void atomic_store_explicit(device atomic<T>* object, typename Identity<T>::type desired,
                                  memory_order order) {
  atomic_exchange_explicit(object, desired, order);
}
template <typename T>
inline bool atomic_compare_exchange_weak_explicit(device atomic<T>* object, thread T* expected,
                                                  typename Identity<T>::type desired, memory_order,
                                                  memory_order) {
  uint wanted = as_type<uint>(*expected);
  uint seen = compare_exchange(word_of(object), wanted, as_type<uint>(desired));
  *expected = as_type<T>(seen);
  return seen == wanted;
}

#define ATOMIC_FETCH(name, result)                                                            \
  template <typename T>                                                                       \
  inline T atomic_fetch_##name##_explicit(device atomic<T>* object,                           \
                                          typename Identity<T>::type operand, memory_order) { \
    device uint* word = word_of(object);                                                      \
    uint seen = load_atomic(word), expected;                                                  \
    do {                                                                                      \
      expected = seen;                                                                        \
      const T value = as_type<T>(expected);                                                   \
      seen = compare_exchange(word, expected, as_type<uint>(T(result)));                      \
    } while (seen != expected);                                                               \
    return as_type<T>(seen);                                                                  \
  }
ATOMIC_FETCH(sub, value - operand)
ATOMIC_FETCH(min, operand < value ? operand : value)
ATOMIC_FETCH(max, value < operand ? operand : value)
ATOMIC_FETCH(and, value& operand)
ATOMIC_FETCH(or, value | operand)
ATOMIC_FETCH(xor, value ^ operand)
#undef ATOMIC_FETCH

inline float atomic_fetch_add_explicit(device atomic<float>* object, float operand, memory_order) {
  return atomic_add((device float*)object, operand);
}
inline uint atomic_fetch_add_explicit(device atomic<uint>* object, uint operand, memory_order) {
  return atomic_add((device uint*)object, operand);
}
inline int atomic_fetch_add_explicit(device atomic<int>* object, int operand, memory_order) {
  return int(atomic_add((device uint*)object, uint(operand)));
}

}  // namespace metal
