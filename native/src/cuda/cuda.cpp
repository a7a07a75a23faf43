#include "mlx/backend/cuda/cuda.h"

namespace mlx::core::cu {

bool is_available() { return false; }

}  // namespace mlx::core::cu
