#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "cuda/context.h"
#include "gpu/hal.h"

namespace mlx::core::cuda {

/// NVIDIA's library of matrix products, cuBLASLt, where the system has it (dlopen). The algorithm
/// that its heuristic picks is kept for each kind of product. One a stream, because of its
/// workspace.
class BlasLt {
 public:
  /// Null when there is none: most machines have the driver alone.
  static std::unique_ptr<BlasLt> create(const DeviceContext& context);
  ~BlasLt();

  /// False when the library can't do such a product.
  bool multiply(const gpu::MatrixProduct& product, Stream stream);

 private:
  struct Library;
  struct Plan;

  BlasLt(const DeviceContext& context, const Library& library, void* handle);
  static const Library* find_library();
  std::unique_ptr<Plan> make_plan(const gpu::MatrixProduct& product) const;

  const DeviceContext& context_;
  const Library& library_;
  void* handle_;
  Address workspace_ = 0;
  std::unordered_map<std::string, std::unique_ptr<Plan>> plans_;
};

}  // namespace mlx::core::cuda
