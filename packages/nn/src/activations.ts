import * as mx from '@mlx/core';
import { Module } from './module';

/**
 * max(x, 0).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { relu } from '@mlx/nn';
 *
 * relu(mx.array([-1, 2])).tolist(); // => [0, 2]
 * ```
 */
export function relu(x: mx.array): mx.array {
  return mx.maximum(x, 0);
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: mx.array): mx.array {
  return mx.sigmoid(x);
}

/** The hyperbolic tangent. */
export function tanh(x: mx.array): mx.array {
  return mx.tanh(x);
}

/** Exponentials that sum to 1 along an axis. */
export function softmax(x: mx.array, axis = -1): mx.array {
  return mx.softmax(x, axis);
}

/** The logarithm of {@link softmax}, without its overflow. */
export function logSoftmax(x: mx.array, axis = -1): mx.array {
  return mx.subtract(x, mx.logsumexp(x, axis, true));
}

/** Applies {@link relu}. */
export class ReLU extends Module {
  forward(x: mx.array): mx.array {
    return relu(x);
  }
}

/** Applies {@link sigmoid}. */
export class Sigmoid extends Module {
  forward(x: mx.array): mx.array {
    return sigmoid(x);
  }
}

/** Applies {@link tanh}. */
export class Tanh extends Module {
  forward(x: mx.array): mx.array {
    return tanh(x);
  }
}

/** Applies {@link softmax} along the last axis. */
export class Softmax extends Module {
  forward(x: mx.array): mx.array {
    return softmax(x);
  }
}

/** Applies {@link logSoftmax} along the last axis. */
export class LogSoftmax extends Module {
  forward(x: mx.array): mx.array {
    return logSoftmax(x);
  }
}
