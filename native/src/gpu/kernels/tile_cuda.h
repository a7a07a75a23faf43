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

/// Memory that the threads of a group share, as PTX names it.
template <typename T>
inline uint32_t shared_address(const T* place) {
  uint32_t address;
  asm("{ .reg .u64 wide; cvta.to.shared.u64 wide, %1; cvt.u32.u64 %0, wide; }"
      : "=r"(address)
      : "l"(place));
  return address;
}

/// Four matrices of 8 x 8 elements of 16 bits. Lane 8 i + r names line r of matrix i; lane 4 r + c
/// receives of each matrix elements 2 c and 2 c + 1 of line r, or of column r (PTX ISA, ldmatrix).
template <bool is_transposed, typename T>
inline void load_matrices(const T* line, uint32_t* words) {
  if (is_transposed)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(shared_address(line)));
  else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(shared_address(line)));
}

/// Begins to copy 16 bytes into the group's memory, or zeros where nothing is to be read.
template <typename T>
inline void copy_while_working(T* to, const T* from, bool is_inside) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from),
               "r"(is_inside ? 16 : 0)
               : "memory");
}
/// What was begun since the last call becomes one set of copies.
inline void end_of_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
/// Waits until the thread has at most so many sets on their way.
template <int sets>
inline void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(sets) : "memory");
}
