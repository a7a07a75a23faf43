// Several neighbouring elements that move through memory as one.

template <typename T, int n>
struct alignas(n > 1 ? sizeof(T) * n : alignof(T)) Pack {
  T values[n];
};

template <int n, typename T>
inline Pack<T, n> load_pack(device const T* x, int64_t at) {
  return *(device const Pack<T, n>*)(x + at);
}
/// The same element n times.
template <int n, typename T>
inline Pack<T, n> splat_pack(T value) {
  Pack<T, n> pack;
  for (int k = 0; k < n; ++k) pack.values[k] = value;
  return pack;
}
template <int n, typename T>
inline Pack<T, n> gather_pack(device const T* x, int64_t at, int64_t stride) {
  Pack<T, n> pack;
  for (int k = 0; k < n; ++k) pack.values[k] = x[at + k * stride];
  return pack;
}
template <int n, typename T>
inline void store_pack(device T* y, int64_t at, Pack<T, n> pack) {
  *(device Pack<T, n>*)(y + at) = pack;
}
template <int n, typename T>
inline void scatter_pack(device T* y, int64_t at, int64_t stride, Pack<T, n> pack) {
  for (int k = 0; k < n; ++k) y[at + k * stride] = pack.values[k];
}
