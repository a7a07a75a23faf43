#include "primitives/elementwise_derivative.h"

#include <cmath>
#include <numbers>

#include "mlx/utils.h"
#include "primitives/elementwise_table.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

using Op = ElementwiseOp;

/// One derivative being applied: the names that the formulas below are written in.
class Derivative {
 public:
  Derivative(Op op, int argnum, const array& v, const std::vector<array>& primals,
             const array& output, bool adjoint, const Stream& stream)
      : op_(op),
        argnum_(argnum),
        v_(v),
        primals_(primals),
        x_(primals[0]),
        y_(output),
        adjoint_(adjoint),
        stream_(stream) {}

  array apply() const {
    if (row_of(op_).slope == ElementwiseRow::Slope::none) return nothing();
    switch (arity(op_)) {
      case 1:
        return unary();
      case 2:
        return binary();
      default:
        return select();
    }
  }

 private:
  array unary() const;
  array binary() const;
  array select() const;
  array absolute_value() const;
  array complex_sign() const;
  array power_base() const;
  array power_exponent() const;

  /// A number in the dtype of the operand.
  array number(double value) const { return array(value, x_.dtype()); }
  array add1(const array& a) const { return add(a, number(1), stream_); }
  array sub(const array& a, const array& b) const { return subtract(a, b, stream_); }
  array mul(const array& a, const array& b) const { return multiply(a, b, stream_); }
  array negated(const array& a) const { return negative(a, stream_); }
  array inverse_square_root(const array& a) const { return rsqrt(a, stream_); }

  bool is_complex() const { return x_.dtype() == complex64; }
  array conjugated(const array& a) const {
    return adjoint_ && a.dtype() == complex64 ? conjugate(a, stream_) : a;
  }
  /// v times a derivative, or over its reciprocal.
  array times(const array& derivative) const { return mul(v_, conjugated(derivative)); }
  array over(const array& reciprocal) const { return divide(v_, conjugated(reciprocal), stream_); }
  [[noreturn]] array unknown() const {
    throw EngineError(concat_text("[", elementwise_op_name(op_), "] No derivative is known."));
  }
  array nothing() const {
    return adjoint_ ? zeros_view(primals_[argnum_], stream_) : zeros_view(y_, stream_);
  }

  Op op_;
  int argnum_;
  const array& v_;
  const std::vector<array>& primals_;
  const array& x_;
  const array& y_;
  bool adjoint_;
  Stream stream_;
};

array Derivative::unary() const {
  using namespace std::numbers;
  switch (op_) {
    case Op::Abs:
      return absolute_value();
    // The factors are apart so that their product can't overflow, and precise near the ends.
    case Op::ArcCos:
      return times(
          negated(mul(inverse_square_root(sub(number(1), x_)), inverse_square_root(add1(x_)))));
    case Op::ArcSin:
      return times(mul(inverse_square_root(sub(number(1), x_)), inverse_square_root(add1(x_))));
    case Op::ArcCosh:
      return times(mul(inverse_square_root(sub(x_, number(1))), inverse_square_root(add1(x_))));
    // cosh(arcsinh(x)) is sqrt(1 + x^2) without the square, which overflows early in float16.
    case Op::ArcSinh:
      return over(cosh(y_, stream_));
    case Op::ArcTan:
      return over(add1(square(x_, stream_)));
    case Op::ArcTanh:
      return over(mul(sub(number(1), x_), add1(x_)));
    case Op::Conjugate:
      return conjugate(v_, stream_);
    case Op::Cos:
      return times(negated(sin(x_, stream_)));
    case Op::Cosh:
      return times(sinh(x_, stream_));
    case Op::Erf:
      return times(mul(number(2 * inv_sqrtpi), exp(negated(square(x_, stream_)), stream_)));
    case Op::ErfInv:
      return times(mul(number(0.5 / inv_sqrtpi), exp(square(y_, stream_), stream_)));
    case Op::Exp:
      return times(y_);
    // Not y + 1, which is 0 where the derivative is merely small.
    case Op::Expm1:
      return times(exp(x_, stream_));
    case Op::Imag:
      return adjoint_ ? multiply(v_, array(complex64_t(0, 1)), stream_) : imag(v_, stream_);
    case Op::Real:
      return adjoint_ ? astype(v_, complex64, stream_) : real(v_, stream_);
    case Op::Log:
      return over(x_);
    case Op::Log10:
      return over(mul(x_, number(ln10)));
    case Op::Log1p:
      return over(add1(x_));
    case Op::Log2:
      return over(mul(x_, number(ln2)));
    case Op::Negative:
      return negated(v_);
    case Op::Reciprocal:
      return times(negated(square(y_, stream_)));
    case Op::Rsqrt:
      return times(mul(number(-0.5), mul(y_, square(y_, stream_))));
    case Op::Sigmoid:
      return times(mul(y_, sub(number(1), y_)));
    case Op::Sign:
      return is_complex() ? complex_sign() : nothing();
    case Op::Sin:
      return times(cos(x_, stream_));
    case Op::Sinh:
      return times(cosh(x_, stream_));
    case Op::Sqrt:
      return over(mul(number(2), y_));
    case Op::Square:
      return times(mul(number(2), x_));
    case Op::Tan:
      return times(add1(square(y_, stream_)));
    case Op::Tanh:
      return times(sub(number(1), square(y_, stream_)));
    default:
      return unknown();
  }
}

array Derivative::absolute_value() const {
  array direction = sign(x_, stream_);
  if (!is_complex() || adjoint_) return mul(v_, direction);
  return real(mul(v_, conjugate(direction, stream_)), stream_);
}

/// Of z / |z|: what is left of v without its part along z, over |z|.
array Derivative::complex_sign() const {
  array length = abs(x_, stream_);
  array along = real(mul(v_, conjugate(y_, stream_)), stream_);
  array across = sub(v_, mul(y_, along));
  array zero = zeros_view(y_, stream_);
  return where(greater(length, array(0.0f), stream_), divide(across, length, stream_), zero,
               stream_);
}

array Derivative::binary() const {
  bool first = argnum_ == 0;
  const array& other = primals_[1 - argnum_];
  const array& x2 = primals_[1];
  switch (op_) {
    case Op::Add:
      return v_;
    case Op::Subtract:
      return first ? v_ : negated(v_);
    case Op::Multiply:
      return times(other);
    case Op::Divide:
      return first ? over(x2) : times(negated(divide(y_, x2, stream_)));
    case Op::Remainder:
      return first ? v_ : times(negated(floor_divide(x_, x2, stream_)));
    case Op::ArcTan2: {
      array squares = add(square(x_, stream_), square(x2, stream_), stream_);
      return times(divide(first ? other : negated(other), squares, stream_));
    }
    case Op::LogAddExp: {
      // The comparison is for equal infinities, which have no difference.
      array share = sigmoid(sub(primals_[argnum_], other), stream_);
      return times(where(equal(x_, x2, stream_), number(0.5), share, stream_));
    }
    // A tie goes to the second, so that relu has no slope at 0; NaN to neither.
    case Op::Maximum:
      return where(first ? greater(x_, x2, stream_) : less_equal(x_, x2, stream_), v_,
                   zeros_view(v_, stream_), stream_);
    case Op::Minimum:
      return where(first ? less(x_, x2, stream_) : greater_equal(x_, x2, stream_), v_,
                   zeros_view(v_, stream_), stream_);
    case Op::Power:
      return first ? power_base() : power_exponent();
    default:
      return unknown();
  }
}

array Derivative::power_base() const {
  const array& exponent = primals_[1];
  array slope = mul(exponent, power(x_, sub(exponent, number(1)), stream_));
  // A constant has no slope, also at 0, where the formula gives 0 * infinity.
  return where(equal(exponent, number(0), stream_), zeros_view(v_, stream_), times(slope), stream_);
}

array Derivative::power_exponent() const {
  array slope = mul(y_, log(x_, stream_));
  array exponent = real(primals_[1], stream_);
  array rising = greater_equal(exponent, array(0.0, exponent.dtype()), stream_);
  array flat = logical_and(equal(x_, number(0), stream_), rising, stream_);
  return where(flat, zeros_view(v_, stream_), times(slope), stream_);
}

array Derivative::select() const {
  if (argnum_ == 0) return nothing();
  array zero = zeros_view(v_, stream_);
  return argnum_ == 1 ? where(x_, v_, zero, stream_) : where(x_, zero, v_, stream_);
}

}  // namespace

array apply_elementwise_derivative(Op op, int argnum, const array& v,
                                   const std::vector<array>& primals, const array& output,
                                   bool adjoint, const Stream& stream) {
  return Derivative(op, argnum, v, primals, output, adjoint, stream).apply();
}

}  // namespace mlx::core
