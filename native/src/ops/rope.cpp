#include "primitives/rope.h"
#include "mlx/fast.h"
#include "mlx/ops.h"
#include "mlx/utils.h"

namespace mlx::core::fast {
namespace {

void check_features(const array& x, int dims) {
  if (x.ndim() < 3)
    throw ShapeError(
        concat_text("[rope] Expected x with at least 3 axes but received shape ", x.shape(), "."));
  if (!issubdtype(x.dtype(), floating))
    throw DtypeError(
        concat_text("[rope] Expected a real floating dtype but received ", x.dtype(), "."));
  if (dims <= 0 || dims % 2 != 0 || dims > x.shape(-1))
    throw std::invalid_argument(concat_text("[rope] dims must be even, positive and at most ",
                                            x.shape(-1), ", the number of features of shape ",
                                            x.shape(), ", but is ", dims, "."));
}

void check_frequencies(int dims, const std::optional<float>& base,
                       const std::optional<array>& freqs) {
  if (base.has_value() == freqs.has_value())
    throw std::invalid_argument(concat_text("[rope] Exactly one of base and freqs must be given, ",
                                            "but ", base ? "both" : "neither", " were."));
  if (freqs && (freqs->ndim() != 1 || freqs->shape(0) != dims / 2))
    throw ShapeError(concat_text("[rope] Expected freqs of shape (", dims / 2,
                                 ") but received shape ", freqs->shape(), "."));
  if (freqs && freqs->dtype() == complex64)
    throw DtypeError("[rope] Expected real freqs but received complex64.");
}

/// The offset for each of the axes before the last two.
array offset_of_rows(const array& offset, const array& x, StreamOrDevice s) {
  if (!issubdtype(offset.dtype(), integer))
    throw DtypeError(
        concat_text("[rope] Expected an integer offset but received ", offset.dtype(), "."));
  const bool fits = offset.ndim() == 0 ||
                    (offset.ndim() == 1 && (offset.shape(0) == 1 || offset.shape(0) == x.shape(0)));
  if (!fits)
    throw ShapeError(concat_text("[rope] Expected an offset of one element or of shape (",
                                 x.shape(0), ") for x of shape ", x.shape(), " but received shape ",
                                 offset.shape(), "."));
  Shape rows(x.shape().begin(), x.shape().end() - 2), beside(rows.size(), 1);
  if (offset.ndim() == 1) beside[0] = offset.shape(0);
  return broadcast_to(reshape(astype(offset, int32, s), beside, s), rows, s);
}

}  // namespace

array rope(const array& x, int dims, bool traditional, std::optional<float> base, float scale,
           const array& offset, const std::optional<array>& freqs, StreamOrDevice s) {
  check_features(x, dims);
  check_frequencies(dims, base, freqs);
  const RopeSettings settings{dims, traditional, base.value_or(0), scale, freqs.has_value()};
  std::vector<array> inputs{x, offset_of_rows(offset, x, s)};
  if (freqs) inputs.push_back(astype(*freqs, float32, s));
  auto node = std::make_shared<RoPE>(to_stream(s), settings, false);
  return array(x.shape(), x.dtype(), std::move(node), std::move(inputs));
}

array rope(const array& x, int dims, bool traditional, std::optional<float> base, float scale,
           int offset, const std::optional<array>& freqs, StreamOrDevice s) {
  return rope(x, dims, traditional, base, scale, array(offset, int32), freqs, s);
}

}  // namespace mlx::core::fast
