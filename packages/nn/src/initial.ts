import * as mx from '@mlx/core';
import { within } from '@mlx/core/calls';

/** Weights that begin uniform in ±bound; what fails is named after the layer. */
export function uniformWeights(layer: string, bound: number, shape: readonly number[]): mx.array {
  return within(layer, () => mx.random.uniform(-bound, bound, [...shape]));
}

/** Weights that begin normal; what fails is named after the layer. */
export function normalWeights(layer: string, std: number, shape: readonly number[]): mx.array {
  return within(layer, () => mx.random.normal([...shape], { scale: std }));
}
