import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import type { Optimizer } from '@mlx/optimizers';

const world = mx.distributed.init();

/** Whether this process is the one that speaks for all. */
export const isFirst = world.rank() === 0;

/** This process's rows of a batch that all have. */
export function ownRows(batch: mx.array): mx.array {
  const rows = batch.shape[0]! / world.size();
  if (!Number.isInteger(rows))
    throw new Error(`${world.size()} processes can't share ${batch.shape[0]} rows.`);
  return batch.index(`${world.rank() * rows}:${(world.rank() + 1) * rows}`);
}

/**
 * A function that takes one step with all processes and gives the mean loss before it. The mean of
 * their gradients is that of the whole batch.
 */
export function makeStep<Batch extends mx.array[]>(
  model: nn.Module,
  optimizer: Optimizer,
  lossOf: (...batch: Batch) => mx.array,
  finish: (gradients: object) => object = (gradients) => gradients,
): (...batch: Batch) => mx.array {
  const lossAndGradients = nn.valueAndGrad(model, lossOf);
  return (...batch) => {
    const own = batch.map(ownRows) as Batch;
    const [loss, gradients] = lossAndGradients(...own);
    optimizer.update(model, finish(nn.averageGradients(gradients)));
    const mean = mx.distributed.allSum(loss).divide(world.size());
    mx.eval(model, optimizer.state, mean);
    return mean;
  };
}
