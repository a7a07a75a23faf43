#include "gpu/generate/type_name.h"

#include <string>

#include "mlx/errors.h"

namespace mlx::core::gpu {

namespace {

const char* known(const char* name, Dtype::Val dtype) {
  if (name) return name;
  throw DtypeError(std::string("[gpu] ") + row_of(dtype).name +
                   " is not supported on the GPU; use the CPU for it.");
}

}  // namespace

const char* type_name(Dtype::Val dtype) { return known(row_of(dtype).kernel_type, dtype); }
const char* cuda_type_name(Dtype::Val dtype) { return known(row_of(dtype).cuda_type, dtype); }

}  // namespace mlx::core::gpu
