import { readConstants } from './onnx-constants';
import type { NamedWeights, Published } from './published-weights';
import type * as mx from '@mlx/core';
import { readFileSync } from 'node:fs';

/** The layers of a network of PaddlePaddle, which counts them by kind, under other names. */
export class PaddleLayers {
  readonly read: Published;

  constructor(onnxFile: string) {
    this.read = readConstants(readFileSync(onnxFile));
  }

  /** Channels stand last here: `[out, in, height, width]` becomes `[out, height, width, in]`. */
  kernel(index: number): mx.array {
    return this.read(`conv2d_${index}.w_0`).transpose(0, 2, 3, 1);
  }

  convolution(name: string, index: number): NamedWeights {
    return [
      [`${name}.weight`, this.kernel(index)],
      [`${name}.bias`, this.read(`conv2d_${index}.b_0`)],
    ];
  }

  batchNorm(name: string, published: string): NamedWeights {
    const parts = { weight: 'w_0', bias: 'b_0', running_mean: 'w_1', running_var: 'w_2' };
    return Object.entries(parts).map(([part, theirs]) => [
      `${name}.${part}`,
      this.read(`${published}.${theirs}`),
    ]);
  }

  excite(name: string, index: number): NamedWeights {
    return [
      ...this.convolution(`${name}.squeeze`, index),
      ...this.convolution(`${name}.expand`, index + 1),
    ];
  }
}
