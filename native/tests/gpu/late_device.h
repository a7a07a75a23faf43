#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "gpu/hal.h"
#include "mlx/stream.h"

// A GPU in the host's memory, for what no real one shows: its queues run late, work that no
// declared access orders runs in any order, host accesses fault, and memory holds rubbish until it
// is written and after it was freed. It computes a handful of kernels with the CPU's functions.
namespace late_gpu {

class LateDevice : public mlx::core::gpu::Device {
 public:
  /// How late queues begin with what they were given, at most.
  virtual void set_delay(int most_microseconds) = 0;
  /// After this many more launches the device fails for good; 0 never.
  virtual void fail_after(int64_t launches) = 0;
  /// As if a new process began.
  virtual void repair() = 0;
  /// Whether chains run operation by operation until their kernels are compiled.
  virtual void set_compiles_slowly(bool slowly) = 0;
  /// Bytes there may be.
  virtual void set_capacity(size_t bytes) = 0;
  virtual size_t bytes_in_use() const = 0;
  /// The most bytes in use since this was asked last.
  virtual size_t take_peak() = 0;
  /// Bytes copied from and to the device so far.
  virtual int64_t bytes_out() const = 0;
  virtual int64_t bytes_in() const = 0;
};

/// The process's one, made at the first call.
LateDevice& late_device();

/// How often the calling thread has waited for what a late device does.
int64_t waits_of_this_thread();

/// One that runs every kernel's own text, as the emulator does.
std::unique_ptr<LateDevice> make_late_emulator();

/// While it lives there is a GPU, whose queues begin so many microseconds late at most.
class WithGpu {
 public:
  explicit WithGpu(int delay);
  ~WithGpu();
  WithGpu(const WithGpu&) = delete;
  WithGpu& operator=(const WithGpu&) = delete;
};

/// The same, and what names no stream goes to it.
class OnGpu : WithGpu {
 public:
  explicit OnGpu(int delay);
  ~OnGpu();

 private:
  mlx::core::Device previous_;
};

}  // namespace late_gpu
