#include "cpu/elementwise/codegen/availability.h"

#if MLX_HAS_CODEGEN
#include "cpu/elementwise/codegen/lane_emitter.h"

#include <algorithm>
#include <bit>

#include "array/dtype_table.h"

namespace mlx::core::cpu {
namespace {

using namespace asmjit;

// Predicates of vcmpps: o is false for NaN, u true; none raises an exception but those of order.
enum Predicate {
  is_equal = 0x00,
  is_unordered = 0x03,
  is_not_equal = 0x04,
  is_less = 0x11,
  is_less_equal = 0x12,
  is_greater_equal = 0x1d,
  is_greater = 0x1e,
};

// Modes of vroundps, without the exception for inexact results.
enum Rounding { nearest = 0x8, down = 0x9, up = 0xa, to_zero = 0xb };

constexpr uint32_t sign_bit = 0x80000000, all_ones = 0xffffffff;
constexpr uint32_t one = 0x3f800000;
constexpr int half_rounding = 0;  // to nearest, ties to even

}  // namespace

bool LaneEmitter::has_dtype(Dtype::Val dtype) {
  switch (dtype) {
    case Dtype::Val::bool_:
    case Dtype::Val::int32:
    case Dtype::Val::float16:
    case Dtype::Val::bfloat16:
    case Dtype::Val::float32:
      return true;
    default:
      return false;
  }
}

LaneEmitter::Lanes LaneEmitter::lanes_of(Dtype::Val dtype) {
  if (dtype == Dtype::Val::bool_) return Lanes::mask;
  return dtype == Dtype::Val::int32 ? Lanes::integer : Lanes::floating;
}

x86::Mem LaneEmitter::constant(uint32_t bits) {
  uint32_t lanes[8];
  std::fill_n(lanes, 8, bits);
  return cc_.newConst(ConstPoolScope::kLocal, lanes, sizeof(lanes));
}

LaneEmitter::Register LaneEmitter::splat(uint32_t bits) {
  Register r = cc_.newYmmPs();
  cc_.vmovaps(r, constant(bits));
  return r;
}

LaneEmitter::Register LaneEmitter::load(Dtype::Val dtype, const x86::Gp& data,
                                        const x86::Gp& index) {
  Register r = cc_.newYmmPs();
  switch (dtype) {
    case Dtype::Val::bool_:
      cc_.vpmovzxbd(r, x86::qword_ptr(data, index));
      cc_.vpcmpgtd(r, r, constant(0));
      break;
    case Dtype::Val::float16:
      cc_.vcvtph2ps(r, x86::xmmword_ptr(data, index, 1));
      break;
    case Dtype::Val::bfloat16:
      cc_.vpmovzxwd(r, x86::xmmword_ptr(data, index, 1));
      cc_.vpslld(r, r, 16);
      break;
    default:
      cc_.vmovups(r, x86::ymmword_ptr(data, index, 2));
  }
  return r;
}

void LaneEmitter::store(Dtype::Val dtype, const Register& value, const x86::Gp& data,
                        const x86::Gp& index) {
  x86::Xmm low = cc_.newXmmPs(), high = cc_.newXmmPs();
  switch (dtype) {
    case Dtype::Val::bool_:
      cc_.vextracti128(high, value, 1);
      cc_.vpackssdw(low, value.half(), high);
      cc_.vpacksswb(low, low, low);
      cc_.vpabsb(low, low);
      cc_.vmovq(x86::qword_ptr(data, index), low);
      break;
    case Dtype::Val::float16:
      cc_.vcvtps2ph(x86::xmmword_ptr(data, index, 1), value, half_rounding);
      break;
    case Dtype::Val::bfloat16: {
      Register shifted = cc_.newYmmPs();
      cc_.vpsrld(shifted, value, 16);
      cc_.vextracti128(high, shifted, 1);
      cc_.vpackusdw(low, shifted.half(), high);
      cc_.vmovdqu(x86::xmmword_ptr(data, index, 1), low);
      break;
    }
    default:
      cc_.vmovups(x86::ymmword_ptr(data, index, 2), value);
  }
}

LaneEmitter::Register LaneEmitter::apply(ElementwiseOp op, Dtype::Val in, Dtype::Val out,
                                         const Register* x) {
  if (op == ElementwiseOp::Cast) return cast(in, out, x[0]);
  if (op == ElementwiseOp::Select) {
    Register r = cc_.newYmmPs();
    cc_.vblendvps(r, x[2], x[1], x[0]);
    return r;
  }
  switch (lanes_of(in)) {
    case Lanes::mask:
      return apply_mask(op, x);
    case Lanes::integer:
      return apply_integer(op, x);
    default:
      break;
  }
  if (out == Dtype::Val::bool_) return compare_floating(op, x);
  Register r = is_function(op) ? apply_function(op, x[0]) : apply_floating(op, x);
  return r.isValid() && is_half(out) ? round(out, r) : r;
}

LaneEmitter::Register LaneEmitter::compare(const Register& a, const Register& b, int predicate) {
  Register r = cc_.newYmmPs();
  cc_.vcmpps(r, a, b, predicate);
  return r;
}

LaneEmitter::Register LaneEmitter::invert(const Register& x) {
  Register r = cc_.newYmmPs();
  cc_.vpxor(r, x, constant(all_ones));
  return r;
}

LaneEmitter::Register LaneEmitter::apply_floating(ElementwiseOp op, const Register* x) {
  using enum ElementwiseOp;
  Register r = cc_.newYmmPs();
  switch (op) {
    case Conjugate:
    case Real:
      return x[0];
    case Abs:
      cc_.vandps(r, x[0], constant(~sign_bit));
      break;
    case Negative:
      cc_.vxorps(r, x[0], constant(sign_bit));
      break;
    case Add:
      cc_.vaddps(r, x[0], x[1]);
      break;
    case Subtract:
      cc_.vsubps(r, x[0], x[1]);
      break;
    case Multiply:
      cc_.vmulps(r, x[0], x[1]);
      break;
    case Square:
      cc_.vmulps(r, x[0], x[0]);
      break;
    case Divide:
      cc_.vdivps(r, x[0], x[1]);
      break;
    case Reciprocal:
      cc_.vdivps(r, splat(one), x[0]);
      break;
    case Sqrt:
      cc_.vsqrtps(r, x[0]);
      break;
    case Rsqrt:
      cc_.vsqrtps(r, x[0]);
      cc_.vdivps(r, splat(one), r);
      break;
    case Floor:
      cc_.vroundps(r, x[0], down);
      break;
    case Ceil:
      cc_.vroundps(r, x[0], up);
      break;
    case Trunc:
      cc_.vroundps(r, x[0], to_zero);
      break;
    case Round:
      cc_.vroundps(r, x[0], nearest);
      break;
    // The instructions give the second operand for NaN and for equal values; NaN in the first one
    // has to come through.
    case Maximum:
      cc_.vmaxps(r, x[0], x[1]);
      cc_.vblendvps(r, r, x[0], compare(x[0], x[0], is_unordered));
      break;
    case Minimum:
      cc_.vminps(r, x[0], x[1]);
      cc_.vblendvps(r, r, x[0], compare(x[0], x[0], is_unordered));
      break;
    case Sign: {
      Register zero = splat(0);
      Register above = compare(x[0], zero, is_greater), below = compare(x[0], zero, is_less);
      cc_.vandps(above, above, constant(one));
      cc_.vandps(below, below, constant(one));
      cc_.vsubps(r, above, below);
      cc_.vblendvps(r, r, x[0], compare(x[0], x[0], is_unordered));
      break;
    }
    default:
      return Register();
  }
  return r;
}

LaneEmitter::Register LaneEmitter::compare_floating(ElementwiseOp op, const Register* x) {
  using enum ElementwiseOp;
  Register r = cc_.newYmmPs();
  switch (op) {
    case Equal:
      return compare(x[0], x[1], is_equal);
    case NotEqual:
      return compare(x[0], x[1], is_not_equal);
    case Less:
      return compare(x[0], x[1], is_less);
    case LessEqual:
      return compare(x[0], x[1], is_less_equal);
    case Greater:
      return compare(x[0], x[1], is_greater);
    case GreaterEqual:
      return compare(x[0], x[1], is_greater_equal);
    case NaNEqual:
      cc_.vandps(r, compare(x[0], x[0], is_unordered), compare(x[1], x[1], is_unordered));
      cc_.vorps(r, r, compare(x[0], x[1], is_equal));
      return r;
    case LogicalNot:
      return compare(x[0], splat(0), is_equal);
    case LogicalAnd:
      cc_.vandps(r, compare(x[0], splat(0), is_not_equal), compare(x[1], splat(0), is_not_equal));
      return r;
    case LogicalOr:
      cc_.vorps(r, compare(x[0], splat(0), is_not_equal), compare(x[1], splat(0), is_not_equal));
      return r;
    default:
      return Register();
  }
}

LaneEmitter::Register LaneEmitter::apply_integer(ElementwiseOp op, const Register* x) {
  using enum ElementwiseOp;
  Register r = cc_.newYmmPs();
  switch (op) {
    case Conjugate:
    case Real:
      return x[0];
    case Abs:
      cc_.vpabsd(r, x[0]);
      break;
    case Negative:
      cc_.vpsubd(r, splat(0), x[0]);
      break;
    case Sign:
      cc_.vpsignd(r, splat(1), x[0]);
      break;
    case BitwiseInvert:
      return invert(x[0]);
    case Add:
      cc_.vpaddd(r, x[0], x[1]);
      break;
    case Subtract:
      cc_.vpsubd(r, x[0], x[1]);
      break;
    case Multiply:
      cc_.vpmulld(r, x[0], x[1]);
      break;
    case Square:
      cc_.vpmulld(r, x[0], x[0]);
      break;
    case Maximum:
      cc_.vpmaxsd(r, x[0], x[1]);
      break;
    case Minimum:
      cc_.vpminsd(r, x[0], x[1]);
      break;
    case BitwiseAnd:
      cc_.vpand(r, x[0], x[1]);
      break;
    case BitwiseOr:
      cc_.vpor(r, x[0], x[1]);
      break;
    case BitwiseXor:
      cc_.vpxor(r, x[0], x[1]);
      break;
    // Counts outside the width, as unsigned numbers, shift everything out.
    case LeftShift:
      cc_.vpsllvd(r, x[0], x[1]);
      break;
    case RightShift:
      cc_.vpsravd(r, x[0], x[1]);
      break;
    case Equal:
    case NaNEqual:
      cc_.vpcmpeqd(r, x[0], x[1]);
      break;
    case NotEqual:
      cc_.vpcmpeqd(r, x[0], x[1]);
      return invert(r);
    case Greater:
      cc_.vpcmpgtd(r, x[0], x[1]);
      break;
    case Less:
      cc_.vpcmpgtd(r, x[1], x[0]);
      break;
    case GreaterEqual:
      cc_.vpcmpgtd(r, x[1], x[0]);
      return invert(r);
    case LessEqual:
      cc_.vpcmpgtd(r, x[0], x[1]);
      return invert(r);
    case LogicalNot:
      cc_.vpcmpeqd(r, x[0], constant(0));
      break;
    case LogicalAnd:
    case LogicalOr: {
      Register second = cc_.newYmmPs();
      cc_.vpcmpeqd(r, x[0], constant(0));
      cc_.vpcmpeqd(second, x[1], constant(0));
      if (op == LogicalAnd)
        cc_.vpor(r, r, second);
      else
        cc_.vpand(r, r, second);
      return invert(r);
    }
    default:
      return Register();
  }
  return r;
}

LaneEmitter::Register LaneEmitter::apply_mask(ElementwiseOp op, const Register* x) {
  using enum ElementwiseOp;
  Register r = cc_.newYmmPs();
  switch (op) {
    case BitwiseInvert:
    case LogicalNot:
      return invert(x[0]);
    case BitwiseAnd:
    case LogicalAnd:
    case Minimum:
    case Multiply:
      cc_.vpand(r, x[0], x[1]);
      break;
    case Add:
    case BitwiseOr:
    case LogicalOr:
    case Maximum:
      cc_.vpor(r, x[0], x[1]);
      break;
    case BitwiseXor:
    case NotEqual:
    case Subtract:
      cc_.vpxor(r, x[0], x[1]);
      break;
    case Equal:
    case NaNEqual:
      cc_.vpcmpeqd(r, x[0], x[1]);
      break;
    case Greater:
      cc_.vpandn(r, x[1], x[0]);
      break;
    case Less:
      cc_.vpandn(r, x[0], x[1]);
      break;
    case GreaterEqual:
      cc_.vpandn(r, x[0], x[1]);
      return invert(r);
    case LessEqual:
      cc_.vpandn(r, x[1], x[0]);
      return invert(r);
    default:
      return Register();
  }
  return r;
}

LaneEmitter::Register LaneEmitter::cast(Dtype::Val from, Dtype::Val to, const Register& x) {
  if (from == to) return x;
  Register r = cc_.newYmmPs();
  switch (lanes_of(from)) {
    case Lanes::floating:
      if (to == Dtype::Val::bool_) return compare(x, splat(0), is_not_equal);
      if (to == Dtype::Val::int32) return to_integer(x);
      return is_half(to) ? round(to, x) : x;
    case Lanes::integer:
      if (to == Dtype::Val::bool_) {
        cc_.vpcmpeqd(r, x, constant(0));
        return invert(r);
      }
      // By way of float32 a half would be rounded twice.
      if (is_half(to)) return Register();
      cc_.vcvtdq2ps(r, x);
      return r;
    default:
      cc_.vpand(r, x, constant(to == Dtype::Val::int32 ? 1 : one));
      return r;
  }
}

/// The instruction gives the lowest number for all that is out of range.
LaneEmitter::Register LaneEmitter::to_integer(const Register& x) {
  Register r = cc_.newYmmPs();
  cc_.vcvttps2dq(r, x);
  cc_.vpxor(r, r, compare(x, splat(std::bit_cast<uint32_t>(0x1p31f)), is_greater_equal));
  cc_.vpandn(r, compare(x, x, is_unordered), r);
  return r;
}

LaneEmitter::Register LaneEmitter::round(Dtype::Val half, const Register& x) {
  Register r = cc_.newYmmPs();
  if (half == Dtype::Val::float16) {
    x86::Xmm packed = cc_.newXmmPs();
    cc_.vcvtps2ph(packed, x, half_rounding);
    cc_.vcvtph2ps(r, packed);
    return r;
  }
  // Half a unit less one, plus the last bit that stays: ties go to even.
  cc_.vpsrld(r, x, 16);
  cc_.vpand(r, r, constant(1));
  cc_.vpaddd(r, r, constant(0x7fff));
  cc_.vpaddd(r, r, x);
  // NaN would overflow; made quiet, it stays one without its lower bits.
  Register quiet = cc_.newYmmPs();
  cc_.vorps(quiet, x, constant(0x00400000));
  cc_.vblendvps(r, r, quiet, compare(x, x, is_unordered));
  cc_.vandps(r, r, constant(0xffff0000));
  return r;
}

}  // namespace mlx::core::cpu
#endif
