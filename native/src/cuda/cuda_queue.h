#pragma once

#include <atomic>
#include <deque>
#include <mutex>

#include "cuda/blas_lt.h"
#include "cuda/copy_ring.h"
#include "gpu/hal.h"

namespace mlx::core::cuda {

class HopperMatmul;

class CudaKernel final : public gpu::Kernel {
 public:
  /// Loads a binary or PTX.
  CudaKernel(const DeviceContext& context, const std::string& image, const std::string& name);
  ~CudaKernel() override;

  uint32_t max_threads() const override { return max_threads_; }
  Function function() const { return function_; }
  /// Of a thread; local memory is what did not fit into registers.
  int registers() const { return registers_; }
  int local_bytes() const { return local_bytes_; }
  const std::string& name() const { return name_; }

 private:
  const DeviceContext& context_;
  std::string name_;
  Module module_ = nullptr;
  Function function_ = nullptr;
  uint32_t max_threads_ = 0;
  int registers_ = 0, local_bytes_ = 0;
};

/// A stream. A ticket is a number that the card writes into pinned memory when it comes by, or
/// where it can't, an event.
class CudaQueue final : public gpu::Queue {
 public:
  CudaQueue(const DeviceContext& context, CopyRing& ring, HopperMatmul& products);

  void launch(const gpu::Kernel& kernel, gpu::Size3 groups, gpu::Size3 threads,
              uint32_t shared_bytes, std::span<const gpu::Argument> arguments) override;
  void copy_in(const void* from, gpu::Memory to, size_t to_offset, size_t bytes) override;
  void copy_out(gpu::Memory from, size_t from_offset, void* to, size_t bytes) override;
  void copy(gpu::Memory from, size_t from_offset, gpu::Memory to, size_t to_offset,
            size_t bytes) override;
  void fill(gpu::Memory to, size_t to_offset, uint32_t pattern, uint32_t width,
            size_t bytes) override;
  bool multiply(const gpu::MatrixProduct& product) override;
  gpu::Ticket commit() override;
  void wait(gpu::Ticket ticket) override;
  bool reached(uint64_t number) const override;
  void block(uint64_t number) override;
  std::optional<std::string> error() const override { return context_.error(); }

  /// For libraries that launch by themselves.
  Stream stream() const { return stream_; }
  const DeviceContext& context() const { return context_; }

 private:
  struct Mark {
    uint64_t number;
    Event event;
  };

  void record_mark();
  void poll_marks() const;

  const DeviceContext& context_;
  CopyRing& ring_;
  HopperMatmul& products_;
  Stream stream_ = nullptr;
  /// Set anew for each wait of another queue; the order is taken when it is recorded.
  Event order_ = nullptr;
  std::mutex order_mutex_;
  /// Of this queue, because of its workspace; made at the first product.
  std::unique_ptr<BlasLt> blas_;
  bool asked_for_blas_ = false;
  uint64_t committed_ = 0;
  /// Where the card writes the last reached number, as the host and the card see it.
  std::atomic<uint64_t>* reached_ = nullptr;
  Address reached_address_ = 0;
  /// Without such writes: the events of tickets that are not known to be reached.
  bool has_writes_;
  mutable std::mutex marks_mutex_;
  mutable std::deque<Mark> marks_;
  mutable std::vector<Event> idle_events_;
};

}  // namespace mlx::core::cuda
