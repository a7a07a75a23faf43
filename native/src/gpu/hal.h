#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mlx/dtype.h"
#include "mlx/errors.h"

namespace mlx::core::gpu {

/// Whose dialect the text of a kernel's entry is written in; the bodies are the same for all.
/// `program`: an elementwise entry is its program as numbers, for a device that interprets it.
enum class Language : uint8_t { metal, cuda, emulator, program };

/// What a device is and can do. Fixed from the moment the device exists.
struct Limits {
  /// "NVIDIA H200".
  std::string name;
  /// What compiled kernels depend on, such as "sm_90a".
  std::string architecture;
  Language language;
  /// A simdgroup multiplies small matrices of half types: kernels/tile_cuda.h.
  bool half_matrices;
  /// Host and device see the same memory: host_pointer answers, copies are never needed.
  bool unified_memory;
  /// Threads that run in step, and so may exchange registers.
  uint32_t simd_width;
  uint32_t max_threads_per_group;
  /// Threadgroup memory of one group, that of the kernel's own arrays included.
  uint32_t max_shared_bytes;
  /// Buffers of one launch: 31 on Metal.
  uint32_t max_buffers;
  /// Bytes that one argument by value may have: 4 KiB on all.
  uint32_t max_value_bytes;
  /// Groups that one dimension of a launch may have.
  uint64_t max_groups[3];
  uint32_t multiprocessors;
  size_t cache_bytes;
  size_t memory_bytes;
  /// A kernel takes much longer to compile than to run a few times in another way.
  bool compiles_slowly = false;
};

/// A piece of the device's memory. Only the device that made it can read the handle: an address on
/// CUDA, an object on Metal.
struct Memory {
  uint64_t handle = 0;
  size_t size = 0;

  explicit operator bool() const { return handle != 0; }
};

enum class Access : uint8_t { read = 1, write = 2, both = 3 };

/// One parameter of a launch, in the order of the kernel's: a place in memory with what the kernel
/// does there, or bytes by value. Barriers, hazard checks and graphs are made from the access, so
/// it must tell the truth.
class Argument {
 public:
  Argument(Memory memory, size_t byte_offset, Access access)
      : memory_(memory), offset_(byte_offset), access_(access) {}
  /// The bytes are copied by the launch.
  Argument(const void* bytes, size_t size) : bytes_(bytes), offset_(size) {}
  template <typename T>
  static Argument value(const T& value) {
    return {&value, sizeof(T)};
  }

  bool is_memory() const { return bytes_ == nullptr; }
  Memory memory() const { return memory_; }
  size_t byte_offset() const { return offset_; }
  Access access() const { return access_; }
  const void* bytes() const { return bytes_; }
  size_t size() const { return offset_; }

 private:
  Memory memory_;
  const void* bytes_ = nullptr;
  size_t offset_;
  Access access_ = Access::read;
};

struct Size3 {
  uint64_t x = 1, y = 1, z = 1;

  friend bool operator==(const Size3&, const Size3&) = default;
};

/// A compiled entry. Kept by whoever launches it until the launch's ticket is reached.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// Threads a group may have; registers can make it less than the device's limit.
  virtual uint32_t max_threads() const = 0;
};

/// What the compiler of the device's language gets. Sources with the same bodies may share a unit.
struct KernelSource {
  /// Prelude and bodies.
  std::string bodies;
  /// The entry's own text, after the bodies.
  std::string entry;
  /// The function that the entry defines.
  std::string name;

  friend bool operator==(const KernelSource&, const KernelSource&) = default;
};

/// D = alpha A B + beta C for row-major matrices of one dtype, for a device's own library of
/// products. Leading dimensions count elements; a transposed matrix has its columns side by side. C
/// is D when beta is not 0.
struct MatrixProduct {
  Dtype::Val dtype;
  int64_t m, n, k;
  Memory a, b, d;
  size_t a_offset, b_offset, d_offset;
  int64_t a_leading, b_leading, d_leading;
  bool a_transposed, b_transposed;
  /// Products in all, and the elements from one matrix to the next.
  int64_t batch;
  int64_t a_step, b_step, d_step;
  float alpha, beta;
};

/// A point in a queue's order. Reached when all that was put in before it is done. Tickets of one
/// queue are numbered from 1 on; 0 is reached from the start.
struct Ticket {
  class Queue* queue = nullptr;
  uint64_t number = 0;
};

/// Work that a device does in order. One thread at a time puts work in; reached, block and error
/// may be called from any thread at any time. What is put in begins whenever the device likes, at
/// the latest after commit. Queues live as long as their device.
class Queue {
 public:
  virtual ~Queue() = default;

  virtual void launch(const Kernel& kernel, Size3 groups, Size3 threads, uint32_t shared_bytes,
                      std::span<const Argument> arguments) = 0;
  /// The host's bytes have been read when this returns.
  virtual void copy_in(const void* from, Memory to, size_t to_offset, size_t bytes) = 0;
  /// The bytes are there when this returns: it commits and blocks. Any thread may call it.
  virtual void copy_out(Memory from, size_t from_offset, void* to, size_t bytes) = 0;
  /// By the device's own library; false when there is none, or it can't.
  virtual bool multiply(const MatrixProduct&) { return false; }
  virtual void copy(Memory from, size_t from_offset, Memory to, size_t to_offset, size_t bytes) = 0;
  /// Repeats the lowest `width` (1, 2 or 4) bytes of `pattern`; bytes is a multiple of it.
  virtual void fill(Memory to, size_t to_offset, uint32_t pattern, uint32_t width,
                    size_t bytes) = 0;

  /// Sends what was put in so far on its way.
  virtual Ticket commit() = 0;
  /// What is put in from here on begins after another queue's ticket, which was committed. The
  /// device waits, not the caller.
  virtual void wait(Ticket ticket) = 0;

  /// Costs one load of memory. Also true once the device is lost.
  virtual bool reached(uint64_t number) const = 0;
  /// Returns when the ticket is reached, or the device is lost.
  virtual void block(uint64_t number) = 0;
  /// What went wrong on the device, for good. Nothing put in after that is done.
  virtual std::optional<std::string> error() const = 0;
};

inline bool reached(Ticket ticket) {
  return ticket.queue == nullptr || ticket.queue->reached(ticket.number);
}

/// The device, or what may be taken of it, has no memory left.
class OutOfDeviceMemory : public EngineError {
 public:
  using EngineError::EngineError;
};

/// One GPU. All functions may be called from any thread, and throw EngineError when the device is
/// lost, short of memory, or can't compile.
class Device {
 public:
  virtual ~Device() = default;

  virtual const Limits& limits() const = 0;

  /// At least `size` bytes, aligned to 256, with undefined contents. Comes from the device's cache
  /// of freed memory where that has some. Throws OutOfDeviceMemory when there is none.
  virtual Memory allocate(size_t size) = 0;
  /// Nobody uses the memory any more: every ticket of a launch that does is reached. Never throws,
  /// also after the device was lost.
  virtual void free(Memory memory) noexcept = 0;
  /// Gives freed memory that is kept for reuse back to the system.
  virtual void release_cache() = 0;
  /// Bytes that may be taken from the system in all, and of those, kept for reuse.
  virtual void set_limits(size_t memory, size_t cache) = 0;
  /// Bytes in freed memory that is kept for reuse.
  virtual size_t cached_bytes() const = 0;
  /// Bytes the system says are free on the device.
  virtual size_t free_bytes() const = 0;
  /// Where the host sees the memory; null unless memory is unified.
  virtual void* host_pointer(Memory memory) const = 0;

  /// The kernel if the disk's cache has it; null where it must be compiled.
  virtual std::shared_ptr<const Kernel> load(const KernelSource&) { return nullptr; }
  /// One after another from the disk's cache or the compiler; a failure names the entry and holds
  /// the compiler's words. Several threads may compile at once.
  virtual std::shared_ptr<const Kernel> compile(const KernelSource& source) = 0;
  /// The same for several kernels, which are compiled at the same time.
  virtual std::vector<std::shared_ptr<const Kernel>> compile(
      std::span<const KernelSource> sources) = 0;

  /// A new queue; the device owns it.
  virtual Queue& new_queue() = 0;
};

}  // namespace mlx::core::gpu
