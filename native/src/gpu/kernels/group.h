// What an entry hands to a body: who the calling thread is.

struct Group {
  /// The group in the grid, the thread in its group, and how many threads that has.
  uint3 tgid, tid, size;
  /// The thread in its simdgroup of 32, and that in the group.
  uint lane, simd;
};

#define SIMD_WIDTH 32u
