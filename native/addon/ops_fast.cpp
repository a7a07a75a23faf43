#include "binder.h"
#include "mlx/fast.h"

namespace mlx::addon {

using namespace core;

using Optional = std::optional<array>;

FunctionTable fast_functions() {
  return {
      bind("fastRmsNorm", [](const array& x, Optional weight, float eps,
                             StreamOrDevice s) { return fast::rms_norm(x, weight, eps, s); }),
      bind("fastLayerNorm",
           [](const array& x, Optional weight, Optional bias, float eps, StreamOrDevice s) {
             return fast::layer_norm(x, weight, bias, eps, s);
           }),
      bind("fastRope",
           [](const array& x, int dims, bool traditional, std::optional<float> base, float scale,
              const array& offset, Optional freqs, StreamOrDevice s) {
             return fast::rope(x, dims, traditional, base, scale, offset, freqs, s);
           }),
      bind("fastScaledDotProductAttention",
           [](const array& q, const array& k, const array& v, float scale, std::string mode,
              Optional mask, Optional sinks, StreamOrDevice s) {
             return fast::scaled_dot_product_attention(q, k, v, scale, mode, mask, sinks, s);
           }),
  };
}

}  // namespace mlx::addon
