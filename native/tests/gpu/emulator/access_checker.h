#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gpu/hal.h"

namespace mlx::core::gpu::emulator {

/// Memory that a launch may touch.
struct Region {
  const char* begin;
  size_t size;
  Access access;
  /// Which argument it is, from 0; the first one, if it is several.
  int argument;
};

/// Who accesses memory.
struct Accessor {
  uint32_t thread;
  uint32_t simd;
};

/// Remembers who touched what in a launch. An access must stay inside of the launch's memory and
/// do there what was declared. Two threads may not touch one place, unless both only read, both are
/// atomic, or a barrier stands between; no barrier stands between groups.
class AccessChecker {
 public:
  enum class Kind : uint8_t { read, write, atomic_read, atomic_write };

  AccessChecker();
  ~AccessChecker();
  AccessChecker(const AccessChecker&) = delete;
  AccessChecker& operator=(const AccessChecker&) = delete;

  /// Without regions only threadgroup memory is checked.
  void begin_launch(std::span<const Region> regions, void* const* arguments, const void* entry);
  /// Its threadgroup memory holds rubbish.
  void begin_group();
  void pass_group_barrier();
  void pass_simd_barrier(uint32_t simd);

  /// The group's array of that declaration; null where it has too much threadgroup memory.
  void* threadgroup_memory(const void* declaration, size_t bytes, size_t alignment);
  size_t threadgroup_bytes() const { return shared_bytes_; }

  /// What is wrong with an access outside of the thread's own stack, if anything is.
  std::optional<std::string> check(const void* place, size_t bytes, Kind kind, Accessor who);

 private:
  /// Of four bytes: who wrote them last, who read each, and when. Times are numbers of stretches
  /// between barriers, which never begin anew.
  struct Touches {
    uint32_t written_at, read_at;
    uint16_t writer, readers[4];
    uint8_t written, read;
    bool is_atomic_write, is_atomic_read;
  };
  struct Checked {
    const char* begin;
    size_t size;
    Access access;
    int argument;
    /// Null for what is too large, or by value.
    Touches* touches;
  };
  struct SharedArray {
    const void* declaration;
    size_t offset, bytes;
  };

  const Checked* find(uintptr_t place);
  std::optional<std::string> check_shared(size_t offset, size_t bytes, Kind kind, Accessor who);
  std::optional<std::string> touch(Touches& touches, uint8_t bytes, Kind kind, Accessor who,
                                   bool is_shared);
  bool meet(uint32_t when, uint16_t other, Accessor who, bool is_shared) const;
  std::string out_of_bounds(uintptr_t place, size_t bytes, Kind kind) const;
  bool is_of_library(uintptr_t place) const;

  std::vector<Checked> regions_;
  size_t last_ = 0;
  bool is_checked_ = false;
  uintptr_t library_begin_ = 0, library_end_ = 0;

  uint32_t now_ = 1, launch_begin_ = 1, group_begin_ = 1, group_barrier_ = 1;
  uint32_t simd_barrier_[32] = {};

  std::vector<SharedArray> shared_;
  /// What is declared, and where the next array goes: there are gaps between them.
  size_t shared_bytes_ = 0, shared_end_ = 0;
  std::unique_ptr<char[]> shared_memory_;
  std::vector<Touches> shared_touches_;
  /// For all buffers of a launch, in pages that exist once they are touched.
  Touches* touches_ = nullptr;
};

}  // namespace mlx::core::gpu::emulator
