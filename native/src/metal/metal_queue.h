#pragma once

#include <condition_variable>
#include <unordered_set>
#include <vector>

#include "gpu/hal.h"
#include "gpu/kernel_cache.h"
#include "metal/context.h"

namespace mlx::core::metal {

class MetalKernel final : public gpu::Kernel {
 public:
  MetalKernel(Owned pipeline, uint32_t max_threads)
      : pipeline_(std::move(pipeline)), max_threads_(max_threads) {}

  uint32_t max_threads() const override { return max_threads_; }
  Id pipeline() const { return pipeline_.get(); }

 private:
  Owned pipeline_;
  uint32_t max_threads_;
};

/// A command queue. Work goes into passes whose kernels may run side by side; a barrier stands
/// where the declared accesses need one, and a fence between passes. Command buffers go off when
/// they are full, and with every ticket. They complete in order, on a thread of Metal's.
class MetalQueue final : public gpu::Queue {
 public:
  /// `kernels` has those that copy and fill.
  MetalQueue(DeviceContext& context, gpu::KernelCache& kernels);
  /// Waits for what is on its way.
  ~MetalQueue() override;

  void launch(const gpu::Kernel& kernel, gpu::Size3 groups, gpu::Size3 threads,
              uint32_t shared_bytes, std::span<const gpu::Argument> arguments) override;
  void copy_in(const void* from, gpu::Memory to, size_t to_offset, size_t bytes) override;
  void copy_out(gpu::Memory from, size_t from_offset, void* to, size_t bytes) override;
  void copy(gpu::Memory from, size_t from_offset, gpu::Memory to, size_t to_offset,
            size_t bytes) override;
  void fill(gpu::Memory to, size_t to_offset, uint32_t pattern, uint32_t width,
            size_t bytes) override;

  gpu::Ticket commit() override;
  void wait(gpu::Ticket ticket) override;
  bool reached(uint64_t number) const override;
  void block(uint64_t number) override;
  std::optional<std::string> error() const override { return context_.error(); }

 private:
  /// Memory for a copy from the host, free once its command buffer completed.
  struct Staging {
    void* address;
    size_t bytes;
  };

  Id commands();
  Id encoder();
  void end_pass();
  void order(std::span<const gpu::Argument> arguments);
  void bind(Id encoder, std::span<const gpu::Argument> arguments);
  /// The ticket that the command buffer reaches; 0 for none.
  void submit(uint64_t ticket);
  void discard();
  void complete(Id commands, uint64_t ticket, const std::vector<Staging>& staging);
  void free(const std::vector<Staging>& staging);
  bool is_idle() const;

  DeviceContext& context_;
  const ObjectiveC& objc_;
  gpu::KernelCache& kernels_;
  Owned queue_, event_, fence_;

  /// What is being encoded; none between command buffers and passes.
  Owned commands_, encoder_;
  Id pipeline_ = nullptr;
  bool fence_is_updated_ = false;
  uint32_t operations_ = 0;
  size_t bytes_ = 0;
  std::vector<Staging> staging_;
  /// What kernels since the last barrier read and wrote.
  std::unordered_set<uint64_t> read_, written_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<uint64_t> committed_{0}, reached_{0}, in_flight_{0};
};

}  // namespace mlx::core::metal
