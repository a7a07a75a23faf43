// Products by a simdgroup on NVIDIA cards from compute capability 8.0 on.

/// sums += A B by a simdgroup, for a 16 x 16 matrix A and a 16 x 8 matrix B of a half type, two
/// elements a word. Lane 4 r + c holds of A rows r and r + 8, columns 2 c and 2 c + 8 and their
/// neighbours; of B column r, rows 2 c and 2 c + 8 and theirs; of the sums rows r and r + 8,
/// columns 2 c and 2 c + 1 (PTX ISA, mma.m16n8k16).
template <typename T>
inline void multiply_16x16x8(float* sums, const uint32_t* a, const uint32_t* b);
template <>
inline void multiply_16x16x8<half>(float* sums, const uint32_t* a, const uint32_t* b) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
template <>
inline void multiply_16x16x8<bfloat>(float* sums, const uint32_t* a, const uint32_t* b) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
