import * as mx from '@mlx/core';
import { Backbone, type BlockShape } from '@mlx/example-shared/dist/text-backbone';
import * as nn from '@mlx/nn';

/** Lines keep their width for long: what makes pictures smaller acts downwards, but for one block. */
export const blocks: BlockShape[] = [
  { kernel: 3, from: 16, to: 32 },
  { kernel: 3, from: 32, to: 64 },
  { kernel: 3, from: 64, to: 64 },
  { kernel: 3, from: 64, to: 128, stride: [2, 1] },
  { kernel: 3, from: 128, to: 128 },
  { kernel: 3, from: 128, to: 240, stride: [1, 2] },
  ...Array.from({ length: 4 }, (): BlockShape => ({ kernel: 5, from: 240, to: 240 })),
  { kernel: 5, from: 240, to: 480, stride: [2, 1], excites: true },
  { kernel: 5, from: 480, to: 480, excites: true },
  { kernel: 5, from: 480, to: 480, stride: [2, 1] },
  { kernel: 5, from: 480, to: 480 },
];

const dims = 120;

function normalized(from: number, to: number, width: number): nn.Sequential {
  const options = { padding: [0, (width - 1) / 2] as [number, number], bias: false };
  const convolution = new nn.Conv2d(from, to, [1, width], options);
  return new nn.Sequential(convolution, new nn.BatchNorm(to), nn.silu);
}

/** A layer of a transformer with biases in its attention. */
class Mixer extends nn.TransformerEncoderLayer {
  override attention = new nn.MultiHeadAttention(dims, 8, { bias: true });

  constructor() {
    super(dims, 8, { mlpDims: 2 * dims, activation: nn.silu });
  }
}

/** PP-OCRv4's recogniser: the backbone, two layers of a transformer, and a classifier. */
export class Recognizer extends nn.Module {
  backbone = new Backbone(blocks);
  pool = new nn.AvgPool2d([3, 2]);
  narrow = new nn.Sequential(normalized(480, 60, 3), normalized(60, dims, 1));
  mixers = [new Mixer(), new Mixer()];
  norm = new nn.LayerNorm(dims, 1e-6);
  widen = normalized(dims, 480, 1);
  merge = new nn.Sequential(normalized(960, 60, 3), normalized(60, dims, 1));
  output: nn.Linear;

  constructor(classes: number) {
    super();
    this.output = new nn.Linear(dims, classes);
  }

  /**
   * @param lines - pictures of lines, 48 rows high, blue, green and red in -1 to 1.
   * @returns the probability of each character at each place, shape `[lines, places, classes]`.
   */
  forward(lines: mx.array): mx.array {
    const pooled = this.pool(this.backbone(lines).at(-1)!);
    let sequence = mx.squeeze(this.narrow(pooled), 1);
    for (const mixer of this.mixers) sequence = mixer(sequence, null);
    const wide = this.widen(mx.expandDims(this.norm(sequence), 1));
    const places = mx.squeeze(this.merge(mx.concatenate([pooled, wide], -1)), 1);
    return mx.softmax(this.output(places), -1);
  }
}
