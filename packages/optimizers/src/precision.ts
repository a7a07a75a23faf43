import * as mx from '@mlx/core';

/** What is added to a denominator: float16 would round it to 0, and 0 / 0 is no step. */
export function epsilonIn(dtype: mx.Dtype, eps: number): number {
  return dtype === mx.float16 && eps > 0 ? Math.max(eps, 2 ** -24) : eps;
}

/** The squares of absolute values, of complex numbers too, whose own squares are no sizes. */
export function absoluteSquares(x: mx.array): mx.array {
  return mx.square(x.dtype === mx.complex64 ? mx.abs(x) : x);
}

/** The squares of absolute values, in float32 where they would overflow or wrap. */
export function squares(x: mx.array): mx.array {
  const { dtype } = x;
  if (dtype === mx.float32) return mx.square(x);
  return mx.square(dtype === mx.complex64 ? mx.abs(x) : mx.astype(x, mx.float32));
}
