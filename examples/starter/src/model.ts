import type { array } from '@mlx/core';
import * as nn from '@mlx/nn';

/** Tells to which of two classes a point of the plane belongs. */
export class Classifier extends nn.Module {
  hidden = [new nn.Linear(2, 64), new nn.Linear(64, 64)];
  output = new nn.Linear(64, 2);

  /** Logits `[count, 2]` of points `[count, 2]`. */
  forward(points: array): array {
    return this.output(this.hidden.reduce((x, layer) => nn.silu(layer(x)), points));
  }
}
