#include "gpu/generate/type_name.h"

#include "mlx/errors.h"

namespace mlx::core::gpu {

const char* type_name(Dtype::Val dtype) {
  switch (dtype) {
    case Dtype::Val::bool_:
      return "bool";
    case Dtype::Val::uint8:
      return "uint8_t";
    case Dtype::Val::uint16:
      return "uint16_t";
    case Dtype::Val::uint32:
      return "uint32_t";
    case Dtype::Val::uint64:
      return "uint64_t";
    case Dtype::Val::int8:
      return "int8_t";
    case Dtype::Val::int16:
      return "int16_t";
    case Dtype::Val::int32:
      return "int32_t";
    case Dtype::Val::int64:
      return "int64_t";
    case Dtype::Val::float16:
      return "half";
    case Dtype::Val::float32:
      return "float";
    case Dtype::Val::bfloat16:
      return "bfloat";
    case Dtype::Val::complex64:
      return "complex64";
    case Dtype::Val::float64:
      break;
  }
  throw DtypeError("[gpu] float64 is not supported on the GPU; use the CPU for it.");
}

int item_size(Dtype::Val dtype) {
  switch (dtype) {
    case Dtype::Val::bool_:
    case Dtype::Val::uint8:
    case Dtype::Val::int8:
      return 1;
    case Dtype::Val::uint16:
    case Dtype::Val::int16:
    case Dtype::Val::float16:
    case Dtype::Val::bfloat16:
      return 2;
    case Dtype::Val::uint32:
    case Dtype::Val::int32:
    case Dtype::Val::float32:
      return 4;
    default:
      return 8;
  }
}

}  // namespace mlx::core::gpu
