#include "ops/dtype_checks.h"

#include "mlx/utils.h"

namespace mlx::core {

void require_real(const char* op, Dtype dtype) {
  if (dtype == complex64)
    throw DtypeError(concat_text("[", op, "] Not defined for complex64; expected a real dtype."));
}

void require_integral(const char* op, Dtype dtype) {
  if (issubdtype(dtype, inexact))
    throw DtypeError(
        concat_text("[", op, "] Expected an integer or boolean dtype but received ", dtype, "."));
}

}  // namespace mlx::core
