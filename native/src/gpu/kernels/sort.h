// Sorting along an axis: blocks in threadgroup memory, then passes that merge sorted runs. Elements
// are sorted as unsigned keys in the order of cpu/sort/sort_keys.h, NaN last; with their positions
// beside the keys, equal ones keep their order.
#include "gpu/kernels/index.h"

template <typename T>
struct SortKey {
  /// As wide as a key may have to be.
  using Key = typename Wrapping<T>::type;
  enum { is_wide = sizeof(T) > 4, bits = int(sizeof(T)) * 8 };

  static Key from(T x) {
    const Key all = Key(~Key(0)) >> (sizeof(Key) * 8 - bits), sign = Key(1) << (bits - 1);
    if constexpr (IsFloating<T>::value) {
      const float value = float(x);
      if (is_nan(value)) return all;
      // Both zeros are one.
      if (value == 0.0f) return sign;
      const Key own = bits_of(x);
      return own & sign ? Key(own ^ all) : Key(own | sign);
    } else if constexpr (IsSigned<T>::value) {
      return (Key(x) & all) ^ sign;
    } else {
      return Key(x);
    }
  }
  /// The quiet NaN for any NaN, and 0 for -0.
  static T to(Key key) {
    const Key all = Key(~Key(0)) >> (sizeof(Key) * 8 - bits), sign = Key(1) << (bits - 1);
    if constexpr (IsFloating<T>::value) {
      if (key == all) return T(NAN);
      return of_bits(key & sign ? Key(key ^ sign) : Key(key ^ all));
    } else if constexpr (IsSigned<T>::value) {
      return T(key ^ sign);
    } else {
      return T(key);
    }
  }

 private:
  static Key bits_of(T x) {
    if constexpr (IsHalf<T>::value)
      return as_type<ushort>(x);
    else
      return as_type<uint>(x);
  }
  static T of_bits(Key bits) {
    if constexpr (IsHalf<T>::value)
      return as_type<T>(ushort(bits));
    else
      return as_type<T>(bits);
  }
};

/// By real part, then imaginary part; those with NaN follow: in the imaginary part only (by real
/// part), in the real part only, in both.
template <>
struct SortKey<complex64> {
  using Key = ulong;
  using Part = SortKey<float>;

  static Key from(complex64 x) {
    const uint real = Part::from(x.re), imag = Part::from(x.im);
    if (is_nan(x.re)) return is_nan(x.im) ? join(0xffffffffu, 0) : join(0xfffffffeu, imag);
    return is_nan(x.im) ? join(0xfffffffdu, real) : join(real, imag);
  }
  static complex64 to(Key key) {
    const uint high = uint(key >> 32), low = uint(key);
    if (high == 0xffffffffu) return make_complex(NAN, NAN);
    if (high == 0xfffffffeu) return make_complex(NAN, Part::to(low));
    if (high == 0xfffffffdu) return make_complex(Part::to(low), NAN);
    return make_complex(Part::to(high), Part::to(low));
  }

 private:
  static Key join(uint high, uint low) { return Key(high) << 32 | low; }
};

// What is sorted: keys, or keys with positions.

template <typename K>
struct PlainItem {
  using Key = K;
  using Type = K;
  static Type make(K key, uint) { return key; }
  static Type last() { return ~K(0); }
  static bool is_less(Type a, Type b) { return a < b; }
  static K key(Type item) { return item; }
  static uint position(Type) { return 0; }
};
struct NarrowItem {
  using Key = uint;
  using Type = ulong;
  static Type make(uint key, uint position) { return ulong(key) << 32 | position; }
  static Type last() { return ~ulong(0); }
  static bool is_less(Type a, Type b) { return a < b; }
  static uint key(Type item) { return uint(item >> 32); }
  static uint position(Type item) { return uint(item); }
};
struct WideItem {
  using Key = ulong;
  struct Type {
    ulong key;
    uint position, unused;
  };
  static Type make(ulong key, uint position) {
    Type item;
    item.key = key;
    item.position = position;
    item.unused = 0;
    return item;
  }
  static Type last() { return make(~ulong(0), ~0u); }
  static bool is_less(Type a, Type b) {
    return a.key < b.key || (a.key == b.key && a.position < b.position);
  }
  static ulong key(Type item) { return item.key; }
  static uint position(Type item) { return item.position; }
};

template <int dims>
struct SortArguments {
  int64_t length;
  /// Groups that share a line; items of a sorted run once there are some, or the lowest bit of the
  /// digit that counts.
  int64_t blocks, stage;
  /// Elements from one to the next of a line, of x and of the result.
  int64_t x_step, y_step;
  /// Of a pivot that lies in a line as sorted.
  int64_t pivot;
  int64_t shape[dims], x_strides[dims], y_strides[dims];
};

// Where keys come from.

template <typename T>
struct ElementKeys {
  using Key = typename SortKey<T>::Key;
  device const T* line;
  int64_t step;
  Key key(int64_t i) const { return SortKey<T>::from(line[i * step]); }
};
/// Whether an element is below, equal to or above a pivot.
template <typename T>
struct PartKeys {
  using Key = uint;
  device const T* line;
  int64_t step;
  T pivot;
  Key key(int64_t i) const {
    const auto own = SortKey<T>::from(line[i * step]), at = SortKey<T>::from(pivot);
    return own < at ? 0u : own == at ? 1u : 2u;
  }
};

/// What is written in the end: elements made of keys, the same with zeros that keep their signs,
/// positions, or the elements at positions.
enum class SortResult { keys, values, positions, elements };

template <typename Item, SortResult result, typename T, typename Y>
inline void store_sorted(device Y* y, int64_t at, device const T* line, int64_t step,
                         typename Item::Type item) {
  const int64_t place = int64_t(Item::position(item)) * step;
  if constexpr (result == SortResult::keys)
    y[at] = SortKey<T>::to(Item::key(item));
  else if constexpr (result == SortResult::positions)
    y[at] = Item::position(item);
  else if constexpr (result == SortResult::values)
    y[at] = Item::key(item) == SortKey<T>::from(T(0.0f)) ? line[place]
                                                         : SortKey<T>::to(Item::key(item));
  else
    y[at] = line[place];
}

/// A group sorts a part of a line, `block` items, a power of two (K. Batcher's bitonic network,
/// 1968), and writes the result when that is the whole line. `number` is the line's.
template <typename Item, int block, SortResult result, bool is_whole, int dims, typename Keys,
          typename T, typename Y>
inline void sort_blocks(Keys keys, device const T* line, device Y* y,
                        device typename Item::Type* items, constant SortArguments<dims>& p,
                        threadgroup typename Item::Type* shared, int64_t number, int64_t part,
                        Group g) {
  using Type = typename Item::Type;
  const int64_t first = part * block;
  for (int i = int(g.tid.x); i < block; i += int(g.size.x)) {
    const int64_t at = first + i;
    shared[i] = at < p.length ? Item::make(keys.key(at), uint(at)) : Item::last();
  }
  for (int size = 2; size <= block; size *= 2)
    for (int step = size / 2; step > 0; step /= 2) {
      threadgroup_barrier(mem_flags::mem_threadgroup);
      for (int pair = int(g.tid.x); pair < block / 2; pair += int(g.size.x)) {
        const int low = 2 * pair - (pair & (step - 1)), high = low + step;
        const Type a = shared[low], b = shared[high];
        const bool is_rising = (low & size) == 0;
        if (Item::is_less(b, a) == is_rising) {
          shared[low] = b;
          shared[high] = a;
        }
      }
    }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (int i = int(g.tid.x); i < block; i += int(g.size.x)) {
    const int64_t at = first + i;
    if (at >= p.length) break;
    if constexpr (is_whole)
      store_sorted<Item, result>(y, at * p.y_step, line, p.x_step, shared[i]);
    else
      items[number * p.length + at] = shared[i];
  }
}

/// How many of the first `count` items of two merged runs come from the first run.
template <typename Item, typename Pointer>
inline int64_t merge_split(Pointer a, int64_t a_size, Pointer b, int64_t b_size, int64_t count) {
  int64_t low = count > b_size ? count - b_size : 0, high = count < a_size ? count : a_size;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (Item::is_less(b[count - middle - 1], a[middle]))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

#define MERGED_BY_THREAD 4

/// A group writes a part of `block` items of two neighbouring runs as one (O. Green, R. McColl and
/// D. Bader, "GPU merge path", 2012).
template <typename Item, int block, SortResult result, bool is_last, int dims, typename T,
          typename Y>
inline void merge_runs(device const typename Item::Type* from, device const T* line, device Y* y,
                       device typename Item::Type* to, constant SortArguments<dims>& p,
                       threadgroup typename Item::Type* shared, threadgroup int64_t* splits,
                       int64_t number, int64_t part, Group g) {
  using Type = typename Item::Type;
  const int64_t origin = number * p.length;
  const int64_t begin = part * block;
  const int64_t first = begin / (2 * p.stage) * (2 * p.stage);
  const int64_t middle = first + p.stage < p.length ? first + p.stage : p.length;
  const int64_t last = middle + p.stage < p.length ? middle + p.stage : p.length;
  const int64_t end = begin + block < last ? begin + block : last;
  device const Type* a = from + origin + first;
  device const Type* b = from + origin + middle;
  if (g.tid.x < 2)
    splits[g.tid.x] = merge_split<Item>(a, middle - first, b, last - middle,
                                        (g.tid.x == 0 ? begin : end) - first);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  const int64_t a_begin = splits[0], a_size = splits[1] - a_begin;
  const int64_t b_begin = begin - first - a_begin, b_size = end - begin - a_size;
  for (int64_t i = g.tid.x; i < end - begin; i += g.size.x)
    shared[i] = i < a_size ? a[a_begin + i] : b[b_begin + i - a_size];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  threadgroup Type* own_a = shared;
  threadgroup Type* own_b = shared + a_size;
  const int64_t start = int64_t(g.tid.x) * MERGED_BY_THREAD;
  if (start >= end - begin) return;
  int64_t i = merge_split<Item>(own_a, a_size, own_b, b_size, start), j = start - i;
  for (int k = 0; k < MERGED_BY_THREAD && start + k < end - begin; ++k) {
    const bool takes_first = j >= b_size || (i < a_size && !Item::is_less(own_b[j], own_a[i]));
    const Type item = takes_first ? own_a[i++] : own_b[j++];
    const int64_t at = begin + start + k;
    if constexpr (is_last)
      store_sorted<Item, result>(y, at * p.y_step, line, p.x_step, item);
    else
      to[origin + at] = item;
  }
}
