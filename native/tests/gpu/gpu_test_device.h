#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// The device that the tests of kernels run on: the emulator, or with MLX_TEST_GPU=cuda the card.
/// With MLX_TEST_GPU=nvrtc it compiles only. Null where this machine has none.
Device* test_device();

/// Whether the tests run over all that there is: on a card, or with MLX_TEST_GPU=emulator. The
/// emulator compiles with the host's compiler, which takes minutes for all kernels.
bool tests_are_thorough();

/// Whether it has results: not where kernels are compiled only.
bool test_device_computes();

/// Whether it is a card, which computes fast.
bool test_is_on_card();

/// Whether this process does the part of that number: MLX_TEST_SHARD=2/8 does those that leave 2
/// when divided by 8. Compiling takes most of the time, and processes share the compiled kernels.
bool in_shard(size_t number);

/// A queue that is committed after each family's work.
class TestCommands final : public Commands {
 public:
  TestCommands();
  ~TestCommands() override;

  Device& device() override { return device_; }
  Queue& queue() override { return queue_; }
  KernelCache& kernels() override;
  Memory scratch(size_t bytes) override;

  /// Commits, blocks and throws what went wrong; scratch memory is free again. Whether there are
  /// results: not where kernels are compiled only.
  bool finish();

 private:
  Device& device_;
  Queue& queue_;
  std::vector<Memory> scratch_;
};

/// Memory of the test device that ends with its scope. Holds 0xff where nothing was written.
class TestMemory {
 public:
  explicit TestMemory(size_t bytes);
  TestMemory(const void* from, size_t bytes);
  template <typename T>
  explicit TestMemory(const std::vector<T>& values)
      : TestMemory(values.data(), values.size() * sizeof(T)) {}
  ~TestMemory();
  TestMemory(const TestMemory&) = delete;
  TestMemory& operator=(const TestMemory&) = delete;

  Place at(size_t byte_offset = 0) const { return {memory_, byte_offset}; }
  void read(void* to, size_t bytes, size_t byte_offset = 0) const;
  template <typename T>
  std::vector<T> values(size_t count) const {
    std::vector<T> result(count);
    read(result.data(), count * sizeof(T));
    return result;
  }

 private:
  Memory memory_;
};

}  // namespace mlx::core::gpu
