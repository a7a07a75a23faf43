#include "primitives/fft.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/utils.h"

namespace mlx::core {

template <>
inline constexpr int enumerator_count<FFT::Kind> = int(FFT::Kind::inverse_real) + 1;

namespace {

Values fft_outputs(const FFT& node, const Arrays& in) {
  auto [kind, axes, length, inverse, scale] = node.parameters();
  const array& a = in[0];
  bool is_real = kind == FFT::Kind::real, is_back = kind == FFT::Kind::inverse_real;
  require(a.dtype() == (is_real ? float32 : complex64), "the dtype of a Fourier transform");
  require(kind == FFT::Kind::complex || inverse == is_back, "the sign of a Fourier transform");
  require(!axes.empty() && length > 0, "the length of a Fourier transform");
  normalize_axes(axes, int(a.ndim()), "");
  for (int axis : axes) require(axis >= 0 && a.shape(axis) > 0, "the axes of a Fourier transform");
  require(a.shape(axes.back()) == (is_back ? length / 2 + 1 : length),
          "the length of a Fourier transform");
  return {{node.output_shape(a.shape()), is_back ? float32 : complex64}};
}

}  // namespace

std::vector<NodeKind> fft_kinds() {
  return {
      kind<FFT>("FFT", 1, fft_outputs),
  };
}

}  // namespace mlx::core
