import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';

/** A convolution, hard swish, and a scale and a shift of all values. */
class Unit extends nn.Module {
  scale = mx.ones([1]);
  shift = mx.zeros([1]);

  constructor(readonly convolution: nn.Conv2d) {
    super();
  }

  forward(x: mx.array): mx.array {
    return mx.add(mx.multiply(nn.hardswish(this.convolution(x)), this.scale), this.shift);
  }
}

/** Weights each channel by what the whole picture has of all channels. */
class Excite extends nn.Module {
  layers: nn.Linear[];

  constructor(channels: number) {
    super();
    this.layers = [new nn.Linear(channels, channels / 4), new nn.Linear(channels / 4, channels)];
  }

  forward(x: mx.array): mx.array {
    const [squeeze, excite] = this.layers as [nn.Linear, nn.Linear];
    const weights = excite(nn.relu(squeeze(mx.mean(x, [1, 2], true))));
    return mx.multiply(x, mx.clip(weights.divide(6).add(0.5), 0, 1));
  }
}

function normalized(from: number, to: number, width: number): nn.Sequential {
  const options = { padding: [0, (width - 1) / 2] as [number, number], bias: false };
  const convolution = new nn.Conv2d(from, to, [1, width], options);
  return new nn.Sequential(convolution, new nn.BatchNorm(to), nn.silu);
}

const dims = 120;

/** A layer of a transformer with biases in its attention. */
class Mixer extends nn.TransformerEncoderLayer {
  override attention = new nn.MultiHeadAttention(dims, 8, { bias: true });

  constructor() {
    super(dims, 8, { mlpDims: 2 * dims, activation: nn.silu });
  }
}

/** Kernel, channels and stride of each depthwise convolution; another, of one pixel, follows each. */
const depthwise: [kernel: number, from: number, to: number, down: number, right: number][] = [
  [3, 16, 32, 1, 1],
  [3, 32, 64, 1, 1],
  [3, 64, 64, 1, 1],
  [3, 64, 128, 2, 1],
  [3, 128, 128, 1, 1],
  [3, 128, 240, 1, 2],
  [5, 240, 240, 1, 1],
  [5, 240, 240, 1, 1],
  [5, 240, 240, 1, 1],
  [5, 240, 240, 1, 1],
  [5, 240, 480, 2, 1],
  [5, 480, 480, 1, 1],
  [5, 480, 480, 2, 1],
  [5, 480, 480, 1, 1],
];

function units([kernel, from, to, ...stride]: (typeof depthwise)[number]): Unit[] {
  const options = { stride, padding: (kernel - 1) / 2, groups: from };
  return [
    new Unit(new nn.Conv2d(from, from, kernel, options)),
    new Unit(new nn.Conv2d(from, to, 1)),
  ];
}

/** The recogniser of PP-OCRv4: convolutions in pairs, two layers of a transformer, a classifier. */
export class Recognizer extends nn.Module {
  stem = new nn.Conv2d(3, 16, 3, { stride: 2, padding: 1, bias: false });
  stemNorm = new nn.BatchNorm(16);
  units = depthwise.flatMap(units);
  /** Before the units 21 and 23. */
  excite = [new Excite(240), new Excite(480)];
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
    let x = this.stemNorm(this.stem(lines));
    this.units.forEach((unit, i) => {
      const excite = this.excite[(i - 21) / 2];
      x = unit(excite ? excite(x) : x);
    });
    const pooled = this.pool(x);
    let sequence = mx.squeeze(this.narrow(pooled), 1);
    for (const mixer of this.mixers) sequence = mixer(sequence, null);
    const wide = this.widen(mx.expandDims(this.norm(sequence), 1));
    const places = mx.squeeze(this.merge(mx.concatenate([pooled, wide], -1)), 1);
    return mx.softmax(this.output(places), -1);
  }
}
