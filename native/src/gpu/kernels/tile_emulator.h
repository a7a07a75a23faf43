// What tile_cuda.h has, of exchanges between lanes.

template <typename T>
inline float half_of_word(uint word, int which) {
  T value;
  value.bits = ushort(word >> (16 * which));
  return float(value);
}

template <typename T>
inline void multiply_16x16x8(float* sums, const uint* a, const uint* b) {
  const uint lane = emulator::lane(), r = lane / 4, c = lane % 4;
  for (uint q = 0; q < 4; ++q) {
    uint a_words[4], first[2], second[2];
    emulator::exchange(a, a_words, sizeof(a_words), 4 * r + q);
    emulator::exchange(b, first, sizeof(first), 4 * (2 * c) + q);
    emulator::exchange(b, second, sizeof(second), 4 * (2 * c + 1) + q);
    for (int k = 0; k < 2; ++k)
      for (int part = 0; part < 2; ++part)
        for (int row = 0; row < 2; ++row) {
          const float x = half_of_word<T>(a_words[2 * part + row], k);
          sums[2 * row] = fma(x, half_of_word<T>(first[part], k), sums[2 * row]);
          sums[2 * row + 1] = fma(x, half_of_word<T>(second[part], k), sums[2 * row + 1]);
        }
  }
}

template <bool is_transposed, typename T>
inline void load_matrices(const T* line, uint* words) {
  const uint lane = emulator::lane(), r = lane / 4, c = lane % 4;
  for (uint i = 0; i < 4; ++i) {
    const T *first, *second;
    emulator::exchange(&line, &first, sizeof(line), 8 * i + (is_transposed ? 2 * c : r));
    emulator::exchange(&line, &second, sizeof(line), 8 * i + (is_transposed ? 2 * c + 1 : r));
    words[i] = uint(first[is_transposed ? r : 2 * c].bits) |
               uint(second[is_transposed ? r : 2 * c + 1].bits) << 16;
  }
}

template <typename T>
inline void copy_while_working(T* to, const T* from, bool is_inside) {
  for (int k = 0; k < 8; ++k) to[k] = is_inside ? from[k] : T(0.0f);
}
inline void end_of_copies() {}
template <int sets>
inline void wait_for_copies() {}
