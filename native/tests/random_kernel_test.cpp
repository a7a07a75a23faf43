#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "cpu/random/random_bits.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;

namespace {

uint32_t rotate(uint32_t x, int by) { return (x << by) | (x >> (32 - by)); }

// Straight from the paper's definition, one counter at a time.
std::array<uint32_t, 2> threefry(uint32_t key0, uint32_t key1, uint32_t x0, uint32_t x1) {
  const int rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const uint32_t keys[3] = {key0, key1, key0 ^ key1 ^ 0x1bd11bdau};
  x0 += key0;
  x1 += key1;
  for (uint32_t group = 0; group < 5; ++group) {
    for (int by : rotations[group % 2]) {
      x0 += x1;
      x1 = rotate(x1, by) ^ x0;
    }
    x0 += keys[(group + 1) % 3];
    x1 += keys[(group + 2) % 3] + group + 1;
  }
  return {x0, x1};
}

std::vector<uint8_t> expected_bytes(const std::vector<uint32_t>& keys, size_t bytes) {
  std::vector<uint8_t> out;
  for (size_t k = 0; k + 1 < keys.size(); k += 2) {
    size_t n = (bytes + 3) / 4, h = n / 2;
    std::vector<uint32_t> words(n);
    for (size_t i = 0; i < h; ++i) {
      size_t partner = i + h + n % 2;
      auto pair = threefry(keys[k], keys[k + 1], uint32_t(i), uint32_t(partner));
      words[i] = pair[0];
      words[partner] = pair[1];
    }
    if (n % 2) words[h] = threefry(keys[k], keys[k + 1], uint32_t(h), 0)[0];
    for (size_t b = 0; b < bytes; ++b) out.push_back(uint8_t(words[b / 4] >> (8 * (b % 4))));
  }
  return out;
}

std::vector<uint8_t> actual_bytes(const std::vector<uint32_t>& keys, size_t bytes) {
  // A guard byte shows writes past the end.
  std::vector<uint8_t> out(keys.size() / 2 * bytes + 1, 0xa5);
  cpu::random_bits(keys.data(), keys.size() / 2, bytes, out.data());
  CHECK(out.back() == 0xa5);
  out.pop_back();
  return out;
}

}  // namespace

TEST_CASE("random bits: known answers") {
  uint32_t key[2] = {0, 0}, word = 0;
  cpu::random_bits(key, 1, 4, &word);
  CHECK(word == 0x6b200159u);
  // Published test vectors of Threefry-2x32 with 20 rounds (Random123's known answers).
  CHECK(threefry(0, 0, 0, 0) == std::array<uint32_t, 2>{0x6b200159u, 0x99ba4efeu});
  CHECK(threefry(~0u, ~0u, ~0u, ~0u) == std::array<uint32_t, 2>{0x1cb996fcu, 0xbb002be7u});
  CHECK(threefry(0x13198a2eu, 0x03707344u, 0x243f6a88u, 0x85a308d3u) ==
        std::array<uint32_t, 2>{0xc4923a9cu, 0x483df7a0u});
}

TEST_CASE("random bits: every length against one counter at a time") {
  std::vector<uint32_t> one = {0x12345678u, 0x9abcdef0u};
  for (size_t bytes = 0; bytes <= 150; ++bytes) {
    CAPTURE(bytes);
    CHECK(actual_bytes(one, bytes) == expected_bytes(one, bytes));
  }
  std::vector<uint32_t> many;
  for (uint32_t i = 0; i < 14; ++i) many.push_back(i * 0x9e3779b9u);
  for (size_t bytes : {0, 1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 65, 127})
    CHECK(actual_bytes(many, bytes) == expected_bytes(many, bytes));
}

TEST_CASE("random bits: long streams for any number of threads") {
  std::vector<uint32_t> keys = {1, 2, 3, 4, 5, 6};
  for (size_t bytes : {400000, 400002, 400004, 399999}) {
    auto expected = expected_bytes(keys, bytes);
    for (int threads : {1, 2, 7}) {
      set_num_threads(threads);
      CHECK(actual_bytes(keys, bytes) == expected);
    }
  }
  set_num_threads(2);
}
