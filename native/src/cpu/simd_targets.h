#pragma once

// Three x86-64 tiers and NEON: each further one costs a compile of every kernel for little gain.
// The bits are Highway's own, written out because the macro is read before their definitions.
// 4-7: AVX3_ZEN4, AVX3_SPR and AVX3_DL; 11: SSE4; 12: SSSE3; 23-27: the SVE family.
#define HWY_DISABLED_TARGETS                                                                     \
  ((1LL << 4) | (1LL << 5) | (1LL << 6) | (1LL << 7) | (1LL << 11) | (1LL << 12) | (1LL << 23) | \
   (1LL << 24) | (1LL << 25) | (1LL << 26) | (1LL << 27))
