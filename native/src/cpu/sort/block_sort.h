#pragma once

#include <hwy/base.h>

#include <cstddef>
#include <cstdint>

namespace mlx::core::cpu {

// Sort unsigned numbers on the calling thread.
void sort_block(uint32_t* items, size_t count);
void sort_block(uint64_t* items, size_t count);
void sort_block(hwy::uint128_t* items, size_t count);

}  // namespace mlx::core::cpu
