#include "mlx/errors.h"
#include "mlx/fast.h"

namespace mlx::core::fast {

namespace {

[[noreturn]] void throw_unavailable(const char* name, const char* backend) {
  throw EngineError(std::string("[") + name + "] Kernels of one's own run on a GPU, and " +
                    backend + " is not available on this machine, or this build has none of it.");
}

}  // namespace

CustomKernelFunction metal_kernel(const std::string&, const std::vector<std::string>&,
                                  const std::vector<std::string>&, const std::string&,
                                  const std::string&, bool, bool, const CompileOptions&) {
  throw_unavailable("metal_kernel", "Metal");
}

CustomKernelFunction cuda_kernel(const std::string&, const std::vector<std::string>&,
                                 const std::vector<std::string>&, const std::string&,
                                 const std::string&, bool, int) {
  throw_unavailable("cuda_kernel", "CUDA");
}

std::vector<array> precompiled_cuda_kernel(const std::string&, const std::string&,
                                           const std::vector<array>&, const std::vector<Shape>&,
                                           const std::vector<Dtype>&, const std::vector<ScalarArg>&,
                                           std::tuple<int, int, int>, std::tuple<int, int, int>,
                                           int, std::optional<float>, bool, StreamOrDevice) {
  throw_unavailable("precompiled_cuda_kernel", "CUDA");
}

}  // namespace mlx::core::fast
