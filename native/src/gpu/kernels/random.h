// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, 2011): the CPU's bits.

template <int rotation>
inline void threefry_mix(thread uint& x0, thread uint& x1) {
  x0 += x1;
  x1 = (x1 << rotation | x1 >> (32 - rotation)) ^ x0;
}
template <int a, int b, int c, int d>
inline void threefry_rounds(thread uint& x0, thread uint& x1, uint key0, uint key1) {
  threefry_mix<a>(x0, x1);
  threefry_mix<b>(x0, x1);
  threefry_mix<c>(x0, x1);
  threefry_mix<d>(x0, x1);
  x0 += key0;
  x1 += key1;
}
inline void threefry(uint key0, uint key1, thread uint& x0, thread uint& x1) {
  const uint key2 = key0 ^ key1 ^ 0x1bd11bdau;
  x0 += key0;
  x1 += key1;
  threefry_rounds<13, 15, 26, 6>(x0, x1, key1, key2 + 1);
  threefry_rounds<17, 29, 16, 24>(x0, x1, key2, key0 + 2);
  threefry_rounds<13, 15, 26, 6>(x0, x1, key0, key1 + 3);
  threefry_rounds<17, 29, 16, 24>(x0, x1, key1, key2 + 4);
  threefry_rounds<13, 15, 26, 6>(x0, x1, key2, key0 + 5);
}

struct RandomKey {
  uint words[2];
};
struct RandomArguments {
  int64_t keys, bytes;
};

/// A word of a key's stream, which may be cut off at its end.
template <bool whole_words>
inline void store_random(device uint8_t* to, int64_t word, int64_t bytes, uint value) {
  if (whole_words) {
    ((device uint*)to)[word] = value;
    return;
  }
  for (int64_t k = 0; k < 4 && 4 * word + k < bytes; ++k)
    to[4 * word + k] = uint8_t(value >> (8 * k));
}

/// Hash i < half of a key gives its words i and half + odd + i; with an odd number of words one
/// more hash, of (half, 0), gives word half. `Keys` points to words.
template <bool whole_words, typename Keys>
inline void random_bits(Keys keys, device uint8_t* y, constant RandomArguments& p, Group g) {
  const int64_t words = (p.bytes + 3) / 4, half_words = words / 2, odd = words % 2;
  const int64_t hashes = half_words + odd;
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.keys * hashes) return;
  const int64_t key = number / hashes, i = number % hashes;
  device uint8_t* to = y + key * p.bytes;
  const bool is_pair = i < half_words;
  uint x0 = uint(i), x1 = is_pair ? uint(i + half_words + odd) : 0;
  threefry(keys[2 * key], keys[2 * key + 1], x0, x1);
  store_random<whole_words>(to, i, p.bytes, x0);
  if (is_pair) store_random<whole_words>(to, i + half_words + odd, p.bytes, x1);
}
