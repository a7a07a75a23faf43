#include "binder.h"
#include "mlx/ops/hadamard.h"
#include "mlx/ops/quantized.h"

namespace mlx::addon {

using namespace core;

using Optional = std::optional<array>;
using Count = std::optional<int>;

FunctionTable quantized_functions() {
  return {
      bind("quantize",
           [](const array& w, Count group_size, Count bits, std::string mode, Optional global_scale,
              StreamOrDevice s) { return quantize(w, group_size, bits, mode, global_scale, s); }),
      bind("dequantize",
           [](const array& w, const array& scales, Optional biases, Count group_size, Count bits,
              std::string mode, Optional global_scale, std::optional<Dtype> dtype,
              StreamOrDevice s) {
             return dequantize(w, scales, biases, group_size, bits, mode, global_scale, dtype, s);
           }),
      bind("quantizedMatmul",
           [](const array& x, const array& w, const array& scales, Optional biases, bool transpose,
              Count group_size, Count bits, std::string mode, StreamOrDevice s) {
             return quantized_matmul(x, w, scales, biases, transpose, group_size, bits, mode, s);
           }),
      bind("gatherQmm",
           [](const array& x, const array& w, const array& scales, Optional biases, Optional lhs,
              Optional rhs, bool transpose, Count group_size, Count bits, std::string mode,
              bool sorted, StreamOrDevice s) {
             return gather_qmm(x, w, scales, biases, lhs, rhs, transpose, group_size, bits, mode,
                               sorted, s);
           }),
      bind("qqmm",
           [](const array& x, const array& w, Optional scales, Count group_size, Count bits,
              std::string mode, Optional global_x, Optional global_w, StreamOrDevice s) {
             return qqmm(x, w, scales, group_size, bits, mode, global_x, global_w, s);
           }),
      bind("gatherQqmm",
           [](const array& x, const array& w, Optional scales, Optional lhs, Optional rhs,
              Count group_size, Count bits, std::string mode, Optional global_x, Optional global_w,
              bool sorted, StreamOrDevice s) {
             return gather_qqmm(x, w, scales, lhs, rhs, group_size, bits, mode, global_x, global_w,
                                sorted, s);
           }),
      bind("toFp8", [](const array& x, StreamOrDevice s) { return to_fp8(x, s); }),
      bind("fromFp8",
           [](const array& x, Dtype dtype, StreamOrDevice s) { return from_fp8(x, dtype, s); }),
      bind("hadamardTransform", [](const array& a, std::optional<float> scale,
                                   StreamOrDevice s) { return hadamard_transform(a, scale, s); }),
  };
}

}  // namespace mlx::addon
