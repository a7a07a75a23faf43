#pragma once

#include <bit>
#include <cstdint>
#include <utility>

namespace mlx::core {

/// One hash of Threefry-2x32 with 20 rounds; `cpu/random` has the same for many counters at once.
constexpr std::pair<uint32_t, uint32_t> threefry(const uint32_t key[2], uint32_t x0, uint32_t x1) {
  constexpr int rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const uint32_t keys[3] = {key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bdau};
  x0 += keys[0];
  x1 += keys[1];
  for (uint32_t group = 0; group < 5; ++group) {
    for (int rotation : rotations[group % 2]) {
      x0 += x1;
      x1 = std::rotl(x1, rotation) ^ x0;
    }
    x0 += keys[(group + 1) % 3];
    x1 += keys[(group + 2) % 3] + group + 1;
  }
  return {x0, x1};
}

}  // namespace mlx::core
