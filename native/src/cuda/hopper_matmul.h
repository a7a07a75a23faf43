#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "cuda/cuda_queue.h"

namespace mlx::core::cuda {

/// Products of half-precision matrices by a kernel that only NVIDIA's architecture 9.0 runs, for
/// machines without cuBLASLt. All others go by the tiles that every GPU runs.
class HopperMatmul {
 public:
  using Compile = std::function<std::shared_ptr<const gpu::Kernel>(const gpu::KernelSource&)>;

  HopperMatmul(const DeviceContext& context, Compile compile);

  /// False when it can't do such a product, or would be slower at it.
  bool multiply(const gpu::MatrixProduct& product, Stream stream);

 private:
  struct Variant;

  const CudaKernel& kernel(const Variant& variant);

  const DeviceContext& context_;
  Compile compile_;
  bool is_hopper_;
  int multiprocessors_;
  std::mutex mutex_;
  std::unordered_map<int, std::shared_ptr<const gpu::Kernel>> kernels_;
};

}  // namespace mlx::core::cuda
