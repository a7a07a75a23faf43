// The functions of float32 that have a vector form. Highway compiles this file once for each SIMD
// target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/elementwise/float_function_kernels.cpp"
#include "cpu/simd_targets.h"

#include "hwy/foreach_target.h"

#include "cpu/elementwise/error_function-inl.h"
#include "cpu/elementwise/exponential-inl.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/logarithm-inl.h"
#include "cpu/elementwise/power-inl.h"
#include "cpu/elementwise/trigonometric-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

// The tail runs through a padded vector, so that it computes exactly what full vectors do.

HWY_INLINE FloatVector load_padded(const float* from, size_t count) {
  HWY_ALIGN float padded[hn::MaxLanes(FloatTag())] = {};
  for (size_t k = 0; k < count; ++k) padded[k] = from[k];
  return hn::Load(FloatTag(), padded);
}
HWY_INLINE void store_part(FloatVector x, float* to, size_t count) {
  HWY_ALIGN float padded[hn::MaxLanes(FloatTag())];
  hn::Store(x, FloatTag(), padded);
  for (size_t k = 0; k < count; ++k) to[k] = padded[k];
}

template <FloatVector (*function)(FloatVector)>
void vector_loop(const void* a, const void*, const void*, void* out, size_t n) {
  FloatTag d;
  auto* x = static_cast<const float*>(a);
  auto* y = static_cast<float*>(out);
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  // Two at a time: each is a long chain of dependent steps.
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    FloatVector first = function(hn::LoadU(d, x + i));
    FloatVector second = function(hn::LoadU(d, x + i + lanes));
    hn::StoreU(first, d, y + i);
    hn::StoreU(second, d, y + i + lanes);
  }
  for (; i + lanes <= n; i += lanes) hn::StoreU(function(hn::LoadU(d, x + i)), d, y + i);
  if (i < n) store_part(function(load_padded(x + i, n - i)), y + i, n - i);
}

template <FloatVector (*function)(FloatVector, FloatVector)>
void vector_loop(const void* a, const void* b, const void*, void* out, size_t n) {
  FloatTag d;
  auto* x = static_cast<const float*>(a);
  auto* y = static_cast<const float*>(b);
  auto* z = static_cast<float*>(out);
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(function(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, z + i);
  if (i < n)
    store_part(function(load_padded(x + i, n - i), load_padded(y + i, n - i)), z + i, n - i);
}

ElementwiseKernel find_float_function(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case ArcCos:
      return vector_loop<arc_cos_vector>;
    case ArcCosh:
      return vector_loop<arc_cosh_vector>;
    case ArcSin:
      return vector_loop<arc_sin_vector>;
    case ArcSinh:
      return vector_loop<arc_sinh_vector>;
    case ArcTan:
      return vector_loop<arc_tan_vector>;
    case ArcTan2:
      return vector_loop<arc_tan2_vector>;
    case ArcTanh:
      return vector_loop<arc_tanh_vector>;
    case Cos:
      return vector_loop<cos_vector>;
    case Cosh:
      return vector_loop<cosh_vector>;
    case Erf:
      return vector_loop<erf_vector>;
    case ErfInv:
      return vector_loop<erf_inv_vector>;
    case Exp:
      return vector_loop<exp_vector<>>;
    case Expm1:
      return vector_loop<expm1_vector>;
    case FloorDivide:
      return vector_loop<floor_divide_vector>;
    case Log:
      return vector_loop<log_vector>;
    case Log10:
      return vector_loop<log10_vector>;
    case Log1p:
      return vector_loop<log1p_vector>;
    case Log2:
      return vector_loop<log2_vector>;
    case LogAddExp:
      return vector_loop<log_add_exp_vector>;
    case Power:
      return vector_loop<power_vector>;
    case Remainder:
      return vector_loop<remainder_vector>;
    case Sigmoid:
      return vector_loop<sigmoid_vector>;
    case Sin:
      return vector_loop<sin_vector>;
    case Sinh:
      return vector_loop<sinh_vector>;
    case Tan:
      return vector_loop<tan_vector>;
    case Tanh:
      return vector_loop<tanh_vector>;
    default:
      return nullptr;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {
HWY_EXPORT(find_float_function);

ElementwiseKernel find_float_function_kernel(ElementwiseOp op) {
  return HWY_DYNAMIC_DISPATCH(find_float_function)(op);
}
}  // namespace mlx::core::cpu
#endif
