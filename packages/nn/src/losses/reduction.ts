import * as mx from '@mlx/core';
import { choice, optional, type Kind } from '@mlx/core/calls';

/** How a loss for each element becomes the result. */
export type Reduction = 'none' | 'mean' | 'sum';

/** Options of losses that have no others. */
export interface ReductionOptions {
  /** `'none'`, `'mean'` or `'sum'`; default: each loss says its own. */
  reduction?: Reduction | undefined;
}

const reduction = choice('none', 'mean', 'sum');

/** The parameter with its default. */
export const reductionOf = (value: Reduction): Kind<Reduction> => optional(reduction, value);

export function reduce(loss: mx.array, reduction: Reduction): mx.array {
  if (reduction === 'none') return loss;
  return reduction === 'mean' ? mx.mean(loss) : mx.sum(loss);
}

export function requireSameShape(name: string, predictions: mx.array, targets: mx.array): void {
  if (predictions.shape.join() !== targets.shape.join())
    throw new mx.ShapeError(
      `[${name}] Predictions of shape (${predictions.shape.join(',')}) do not match targets of ` +
        `shape (${targets.shape.join(',')})`,
    );
}
