// The exponential functions of exponential-inl.h, step for step and with its coefficients, so that
// the bits are the same; a test compares them.
#include "cpu/elementwise/codegen/availability.h"

#if MLX_HAS_CODEGEN
#include <bit>
#include <initializer_list>

#include "cpu/elementwise/codegen/lane_emitter.h"

namespace mlx::core::cpu {
namespace {

using namespace asmjit;

constexpr uint32_t sign_bit = 0x80000000;
constexpr int is_less = 0x11;

uint32_t bits(float value) { return std::bit_cast<uint32_t>(value); }

}  // namespace

bool LaneEmitter::is_function(ElementwiseOp op) {
  return op == ElementwiseOp::Exp || op == ElementwiseOp::Sigmoid || op == ElementwiseOp::Tanh;
}

LaneEmitter::Register LaneEmitter::apply_function(ElementwiseOp op, const Register& x) {
  if (op == ElementwiseOp::Exp) return exponential(x);
  Register r = cc_.newYmmPs(), one = splat(bits(1.0f));
  if (op == ElementwiseOp::Sigmoid) {
    cc_.vorps(r, x, constant(sign_bit));
    Register e = exponential(r), numerator = cc_.newYmmPs();
    cc_.vblendvps(numerator, one, e, compare(x, splat(0), is_less));
    cc_.vaddps(r, one, e);
    cc_.vdivps(r, numerator, r);
    return r;
  }
  cc_.vandps(r, x, constant(~sign_bit));
  cc_.vminps(r, splat(bits(10.0f)), r);
  cc_.vaddps(r, r, r);
  Register e = exponential_minus_one(r), sign = cc_.newYmmPs();
  cc_.vaddps(r, e, constant(bits(2.0f)));
  cc_.vdivps(r, e, r);
  cc_.vandps(r, r, constant(~sign_bit));
  cc_.vandps(sign, x, constant(sign_bit));
  cc_.vorps(r, r, sign);
  return r;
}

LaneEmitter::Register LaneEmitter::exponential(const Register& x) {
  // The second operand comes through where the first isn't smaller or larger, NaN included.
  Register bounded = cc_.newYmmPs();
  cc_.vminps(bounded, splat(bits(90.0f)), x);
  cc_.vmaxps(bounded, splat(bits(-105.0f)), bounded);
  Register n, r = reduce_by_ln2(bounded, n);
  Register e = polynomial(r, {1.0f, 1.0f, 0.50000000471f, 0.16666415515f, 0.041666352897f,
                              0.0083751263982f, 0.0013941108434f});
  Register half = cc_.newYmmPs();
  cc_.vpsrad(half, n, 1);
  cc_.vpsubd(n, n, half);
  cc_.vmulps(e, e, power_of_two(half));
  cc_.vmulps(e, e, power_of_two(n));
  return e;
}

LaneEmitter::Register LaneEmitter::exponential_minus_one(const Register& x) {
  Register n, r = reduce_by_ln2(x, n);
  Register e = polynomial(r, {0.5f, 0.16666666682f, 0.041666465006f, 0.0083333109345f,
                              0.0013933641032f, 0.00019890980870f});
  Register square = cc_.newYmmPs(), power = power_of_two(n), less_one = cc_.newYmmPs();
  cc_.vmulps(square, r, r);
  cc_.vfmadd213ps(e, square, r);
  cc_.vsubps(less_one, power, constant(bits(1.0f)));
  cc_.vfmadd213ps(e, power, less_one);
  return e;
}

LaneEmitter::Register LaneEmitter::reduce_by_ln2(const Register& x, Register& n) {
  Register whole = cc_.newYmmPs(), r = cc_.newYmmPs();
  n = cc_.newYmmPs();
  cc_.vmulps(whole, x, constant(bits(0x1.715476p+0f)));
  cc_.vaddps(whole, whole, constant(bits(0x1.8p23f)));
  cc_.vpsubd(n, whole, constant(0x4b400000));
  cc_.vsubps(whole, whole, constant(bits(0x1.8p23f)));
  cc_.vmovaps(r, x);
  cc_.vfnmadd231ps(r, whole, constant(bits(0x1.62e4p-1f)));
  cc_.vfnmadd231ps(r, whole, constant(bits(0x1.7f7d1cp-20f)));
  return r;
}

LaneEmitter::Register LaneEmitter::power_of_two(const Register& n) {
  Register r = cc_.newYmmPs();
  cc_.vpaddd(r, n, constant(127));
  cc_.vpslld(r, r, 23);
  return r;
}

LaneEmitter::Register LaneEmitter::polynomial(const Register& x,
                                              std::initializer_list<float> coefficients) {
  auto* next = coefficients.end() - 1;
  Register sum = splat(bits(*next));
  while (next != coefficients.begin()) cc_.vfmadd213ps(sum, x, constant(bits(*--next)));
  return sum;
}

}  // namespace mlx::core::cpu
#endif
