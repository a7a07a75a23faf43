#pragma once

#include <asmjit/x86.h>

#include <initializer_list>

#include "mlx/dtype.h"
#include "primitives/elementwise_op.h"

namespace mlx::core::cpu {

/// Emits AVX2 code for single operations on eight elements. A register holds eight lanes of 32 bits
/// whatever the dtype: halves as the float32 of the same value, bool as all ones or zeros.
class LaneEmitter {
 public:
  using Register = asmjit::x86::Ymm;

  explicit LaneEmitter(asmjit::x86::Compiler& compiler) : cc_(compiler) {}

  static bool has_dtype(Dtype::Val dtype);

  Register load(Dtype::Val dtype, const asmjit::x86::Gp& data, const asmjit::x86::Gp& index);
  void store(Dtype::Val dtype, const Register& value, const asmjit::x86::Gp& data,
             const asmjit::x86::Gp& index);

  /// The operation's result; not valid when there is no code for it.
  Register apply(ElementwiseOp op, Dtype::Val in, Dtype::Val out, const Register* operands);

  /// Whether a floating operation is a function of many steps, of those that have code.
  static bool is_function(ElementwiseOp op);

 private:
  enum class Lanes { floating, integer, mask };
  static Lanes lanes_of(Dtype::Val dtype);

  asmjit::x86::Mem constant(uint32_t bits);
  Register splat(uint32_t bits);
  Register compare(const Register& a, const Register& b, int predicate);
  Register invert(const Register& x);
  Register apply_floating(ElementwiseOp op, const Register* x);
  Register apply_function(ElementwiseOp op, const Register& x);
  Register exponential(const Register& x);
  /// For x of at most 88.
  Register exponential_minus_one(const Register& x);
  /// x = n ln(2) + the result.
  Register reduce_by_ln2(const Register& x, Register& n);
  Register power_of_two(const Register& n);
  Register polynomial(const Register& x, std::initializer_list<float> coefficients);
  Register compare_floating(ElementwiseOp op, const Register* x);
  Register apply_integer(ElementwiseOp op, const Register* x);
  Register apply_mask(ElementwiseOp op, const Register* x);
  Register cast(Dtype::Val from, Dtype::Val to, const Register& x);
  Register to_integer(const Register& x);
  /// float32 to the values that a half dtype has.
  Register round(Dtype::Val half, const Register& x);

  asmjit::x86::Compiler& cc_;
};

}  // namespace mlx::core::cpu
