import * as mx from '@mlx/core';
import type { NamedWeights } from './published-weights';
import * as nn from '@mlx/nn';
import type { PaddleLayers } from './paddle-layers';

/** Weights each channel by what the whole picture has of all channels. */
export class Excite extends nn.Module {
  squeeze: nn.Conv2d;
  expand: nn.Conv2d;

  constructor(
    channels: number,
    readonly slope: number,
  ) {
    super();
    this.squeeze = new nn.Conv2d(channels, channels / 4, 1);
    this.expand = new nn.Conv2d(channels / 4, channels, 1);
  }

  forward(x: mx.array): mx.array {
    const weights = this.expand(nn.relu(this.squeeze(mx.mean(x, [1, 2], true))));
    return mx.multiply(x, mx.clip(weights.multiply(this.slope).add(0.5), 0, 1));
  }
}

/** A convolution, a hard swish, and a scale and a shift of all values. */
class Activated extends nn.Conv2d {
  scale = mx.ones([1]);
  shift = mx.zeros([1]);

  override forward(x: mx.array): mx.array {
    return mx.add(mx.multiply(nn.hardswish(super.forward(x)), this.scale), this.shift);
  }
}

/** What differs from block to block. */
export interface BlockShape {
  kernel: 3 | 5;
  from: number;
  to: number;
  /** Down and to the right; default: 1. */
  stride?: [number, number];
  excites?: boolean;
}

/** Whether a block makes a picture smaller in both directions; nothing is activated there. */
function halves({ stride = [1, 1] }: BlockShape): boolean {
  return stride.every((one) => one === 2);
}

/** A convolution of each channel, then one over the channels of each pixel. */
class Block extends nn.Module {
  each: nn.Conv2d;
  across: Activated;
  excite: Excite | null;

  constructor(shape: BlockShape) {
    super();
    const { kernel, from, to, stride = 1, excites } = shape;
    const options = { stride, padding: (kernel - 1) / 2, groups: from };
    this.each = new (halves(shape) ? nn.Conv2d : Activated)(from, from, kernel, options);
    this.across = new Activated(from, to, 1);
    this.excite = excites ? new Excite(from, 1 / 6) : null;
  }

  forward(x: mx.array): mx.array {
    const y = this.each(x);
    return this.across(this.excite ? this.excite(y) : y);
  }
}

/** PP-LCNetV3, with which both networks of PP-OCRv4 begin: gives what comes out of each block. */
export class Backbone extends nn.Module {
  stem = new nn.Conv2d(3, 16, 3, { stride: 2, padding: 1, bias: false });
  norm = new nn.BatchNorm(16);
  blocks: Block[];

  constructor(shapes: readonly BlockShape[]) {
    super();
    this.blocks = shapes.map((shape) => new Block(shape));
  }

  forward(pictures: mx.array): mx.array[] {
    let x = this.norm(this.stem(pictures));
    return this.blocks.map((block) => (x = block(x)));
  }
}

/** The numbers that the published network has for the backbone's layers. */
interface Indices {
  stem: number;
  norm: number;
  /** Of the first convolution in a block, and of the first that excites. */
  blocks: number;
  excites: number;
}

export function convertBackbone(
  layers: PaddleLayers,
  shapes: readonly BlockShape[],
  indices: Indices,
): NamedWeights {
  const convolution = (name: string, i: number, isActivated: boolean): NamedWeights => {
    // A scale and a shift behind the convolution become part of it.
    const scale = layers.read(`mobile_one_block_${i}.w_0`);
    const shift = layers.read(`mobile_one_block_${i}.w_1`);
    const bias = layers.read(`conv2d_${indices.blocks + i}.b_0`);
    const activation = (part: string) => layers.read(`whswish_b_${i + 1}.${part}`);
    return [
      [`${name}.weight`, layers.kernel(indices.blocks + i).multiply(scale)],
      [`${name}.bias`, bias.multiply(scale).add(shift)],
      ...(isActivated
        ? ([
            [`${name}.scale`, activation('w_0')],
            [`${name}.shift`, activation('w_1')],
          ] satisfies NamedWeights)
        : []),
    ];
  };
  const exciting = shapes.filter(({ excites }) => excites);
  return [
    ['backbone.stem.weight', layers.kernel(indices.stem)],
    ...layers.batchNorm('backbone.norm', `batch_norm2d_${indices.norm}`),
    ...shapes.flatMap((shape, i) => {
      const name = `backbone.blocks.${i}`;
      return [
        ...convolution(`${name}.each`, 2 * i, !halves(shape)),
        ...convolution(`${name}.across`, 2 * i + 1, true),
        ...(shape.excites
          ? layers.excite(`${name}.excite`, indices.excites + 11 * exciting.indexOf(shape))
          : []),
      ];
    }),
  ];
}
