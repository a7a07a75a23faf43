#include "array/dtype_dispatch.h"
#include "cpu/reduce/kernel.h"
#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/reduce/reduce_extreme.cpp"
#include "hwy/foreach_target.h"

#include "cpu/reduce/extreme-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

template <bool kMax>
ReduceKernel make_extreme(Dtype dtype) {
  return dispatch_dtype(dtype, [](auto tag) -> ReduceKernel {
    using Policy = Extreme<kMax, typename decltype(tag)::type>;
    auto kernel = make_kernel<Policy, typename Policy::In>(kMax ? "max" : "min");
    kernel.has_identity = false;
    return kernel;
  });
}

ReduceKernel make_max(Dtype dtype) { return make_extreme<true>(dtype); }
ReduceKernel make_min(Dtype dtype) { return make_extreme<false>(dtype); }

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(make_max);
HWY_EXPORT(make_min);

ReduceKernel max_kernel(Dtype dtype) { return HWY_DYNAMIC_DISPATCH(make_max)(dtype); }
ReduceKernel min_kernel(Dtype dtype) { return HWY_DYNAMIC_DISPATCH(make_min)(dtype); }

}  // namespace mlx::core::cpu
#endif
