import * as mx from '@mlx/core';

/** The array itself, or integers and booleans as float32: their arithmetic would wrap. */
export function floating(x: mx.array): mx.array {
  return mx.issubdtype(x.dtype, mx.inexact) ? x : mx.astype(x, mx.float32);
}

/** In float32 at least: sums of squares overflow float16, and bfloat16 has few digits for them. */
export function widened(x: mx.array): mx.array {
  const { dtype } = x;
  return dtype === mx.float32 || dtype === mx.complex64 ? x : mx.astype(x, mx.float32);
}

/** The array itself if it has the dtype: asking costs less than a cast. */
export function inDtype(x: mx.array, dtype: mx.Dtype): mx.array {
  return x.dtype === dtype ? x : mx.astype(x, dtype);
}
