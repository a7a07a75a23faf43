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
