#include "mlx/version.h"

#define MLX_TEXT_OF(number) #number
#define MLX_VERSION_TEXT(major, minor, patch) \
  MLX_TEXT_OF(major) "." MLX_TEXT_OF(minor) "." MLX_TEXT_OF(patch)

namespace mlx::core {

const char* version() {
  return MLX_VERSION_TEXT(MLX_VERSION_MAJOR, MLX_VERSION_MINOR, MLX_VERSION_PATCH);
}

}  // namespace mlx::core
