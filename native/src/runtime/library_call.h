#pragma once

#include <atomic>

namespace mlx::core {

/// Stands around calls of a library that takes itself down when the process ends (OpenBLAS frees
/// its buffers and its table of kernels): the end waits for the calls in flight, a short while, and
/// later ones never begin. Costs a few stores.
class LibraryCall {
 public:
  LibraryCall();
  ~LibraryCall() { depth_.store(depth_.load(std::memory_order_relaxed) - 1, release); }
  LibraryCall(const LibraryCall&) = delete;
  LibraryCall& operator=(const LibraryCall&) = delete;

 private:
  static constexpr auto release = std::memory_order_release;

  /// How deep the calling thread is inside of such calls; no other thread writes it.
  std::atomic<int>& depth_;
};

}  // namespace mlx::core
