#include "array/dtype_dispatch.h"
#include "cpu/reduce/double_parts.h"
#include "cpu/reduce/kernel.h"
#include "cpu/simd_targets.h"
// Read after simd_targets.h.
#include "cpu/reduce/kernel-inl.h"

// Products are rare: the baseline's code is enough.
namespace mlx::core::cpu {
namespace {
using namespace HWY_NAMESPACE;

template <typename T, typename Product>
struct RealProduct : GenericPolicy<RealProduct<T, Product>, T, Product> {
  static constexpr int kChains = std::is_floating_point_v<Product> ? 8 : 1;
  static Product identity() { return 1; }
  static Product combine(Product product, T x) { return product * static_cast<Product>(x); }
  static Product merge(Product a, Product b) { return a * b; }
};

struct ComplexProduct : GenericPolicy<ComplexProduct, complex64_t, DoubleParts> {
  static constexpr int kChains = 4;
  static DoubleParts identity() { return {1, 0}; }
  static DoubleParts merge(DoubleParts a, DoubleParts b) {
    return {a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real};
  }
  static DoubleParts combine(DoubleParts product, complex64_t x) {
    return merge(product, {x.real(), x.imag()});
  }
};

template <typename T>
ReduceKernel integer_product(size_t out_width) {
  switch (out_width) {
    case 1:
      return make_kernel<RealProduct<T, uint32_t>, uint8_t>("prod");
    case 2:
      return make_kernel<RealProduct<T, uint32_t>, uint16_t>("prod");
    case 4:
      return make_kernel<RealProduct<T, uint32_t>, uint32_t>("prod");
    default:
      return make_kernel<RealProduct<T, uint64_t>, uint64_t>("prod");
  }
}

ReduceKernel make_prod(Dtype in, Dtype out, size_t out_width) {
  return dispatch_dtype(in, [&](auto tag) -> ReduceKernel {
    using T = typename decltype(tag)::type;
    if constexpr (std::is_same_v<T, bool>)
      return integer_product<uint8_t>(out_width);
    else if constexpr (std::is_integral_v<T>)
      return integer_product<T>(out_width);
    else if constexpr (is_complex_v<T>)
      return make_kernel<ComplexProduct, T>("prod");
    else if (out == float32)
      return make_kernel<RealProduct<T, double>, float>("prod");
    else
      return make_kernel<RealProduct<T, double>, T>("prod");
  });
}

}  // namespace

ReduceKernel prod_kernel(Dtype in, Dtype out) {
  return make_prod(in, out, sum_or_product_width("prod", in, out));
}

}  // namespace mlx::core::cpu
