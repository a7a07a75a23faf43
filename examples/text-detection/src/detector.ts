import * as mx from '@mlx/core';
import type { NamedWeights } from '@mlx/example-shared/dist/published-weights';
import * as nn from '@mlx/nn';
import {
  Backbone,
  convertBackbone,
  Excite,
  type BlockShape,
} from '@mlx/example-shared/dist/text-backbone';
import { PaddleLayers } from '@mlx/example-shared/dist/paddle-layers';

const halving: [number, number] = [2, 2];
const blocks: BlockShape[] = [
  { kernel: 3, from: 16, to: 32 },
  { kernel: 3, from: 32, to: 48, stride: halving },
  { kernel: 3, from: 48, to: 48 },
  { kernel: 3, from: 48, to: 96, stride: halving },
  { kernel: 3, from: 96, to: 96 },
  { kernel: 3, from: 96, to: 192, stride: halving },
  ...Array.from({ length: 4 }, (): BlockShape => ({ kernel: 5, from: 192, to: 192 })),
  { kernel: 5, from: 192, to: 384, stride: halving, excites: true },
  { kernel: 5, from: 384, to: 384, excites: true },
  { kernel: 5, from: 384, to: 384 },
  { kernel: 5, from: 384, to: 384 },
];

/** The scales that are looked at: after which block, its channels, and how many of those are kept. */
const scales = [
  { block: 2, channels: 48, kept: 12 },
  { block: 4, channels: 96, kept: 18 },
  { block: 9, channels: 192, kept: 42 },
  { block: 13, channels: 384, kept: 360 },
];

/** A convolution whose channels are weighted and added to themselves. */
class Excited extends nn.Module {
  convolution: nn.Conv2d;
  excite: Excite;

  constructor(from: number, to: number, kernel: number) {
    super();
    const options = { padding: (kernel - 1) / 2, bias: false };
    this.convolution = new nn.Conv2d(from, to, kernel, options);
    this.excite = new Excite(to, 0.2);
  }

  forward(x: mx.array): mx.array {
    const y = this.convolution(x);
    return mx.add(y, this.excite(y));
  }
}

/** PP-OCRv4's detector: how likely each pixel is inside of a line, from features of four scales. */
export class TextDetector extends nn.Module {
  backbone = new Backbone(blocks);
  narrow = scales.map(({ channels, kept }) => new nn.Conv2d(channels, kept, 1));
  lateral = scales.map(({ kept }) => new Excited(kept, 96, 1));
  smooth = scales.map(() => new Excited(96, 24, 3));
  head = new nn.Sequential(
    new nn.Conv2d(96, 24, 3, { padding: 1, bias: false }),
    new nn.BatchNorm(24),
    nn.relu,
    new nn.ConvTranspose2d(24, 24, 2, { stride: 2 }),
    new nn.BatchNorm(24),
    nn.relu,
    new nn.ConvTranspose2d(24, 1, 2, { stride: 2 }),
    nn.sigmoid,
  );

  /**
   * @param pictures - sizes are multiples of 32; shape `[pictures, height, width, 3]`.
   * @returns likelihoods, shape `[pictures, height, width]`.
   */
  forward(pictures: mx.array): mx.array {
    const features = this.backbone(pictures);
    const smoothed: mx.array[] = [];
    let coarser: mx.array | null = null;
    for (const i of [3, 2, 1, 0]) {
      let x = this.lateral[i]!(this.narrow[i]!(features[scales[i]!.block]!));
      if (coarser) x = mx.add(x, nn.upsampleNearest(coarser, 2));
      smoothed.push(nn.upsampleNearest(this.smooth[i]!(x), 2 ** i));
      coarser = x;
    }
    return mx.squeeze(this.head(mx.concatenate(smoothed, -1)), -1);
  }
}

export function convertDetector(onnxFile: string): NamedWeights {
  const layers = new PaddleLayers(onnxFile);
  const excited = (name: string, index: number): NamedWeights => [
    [`${name}.convolution.weight`, layers.kernel(index)],
    ...layers.excite(`${name}.excite`, index + 1),
  ];
  // [in, out, height, width] becomes [out, height, width, in].
  const transposed = (name: string, index: number): NamedWeights => [
    [`${name}.weight`, layers.read(`conv2d_transpose_${index}.w_0`).transpose(1, 2, 3, 0)],
    [`${name}.bias`, layers.read(`conv2d_transpose_${index}.b_0`).flatten()],
  ];
  return [
    ...convertBackbone(layers, blocks, { stem: 0, norm: 0, blocks: 394, excites: 96 }),
    ...scales.flatMap((_, i) => [
      ...layers.convolution(`narrow.${i}`, 131 + i),
      ...excited(`lateral.${i}`, 135 + 6 * i),
      ...excited(`smooth.${i}`, 138 + 6 * i),
    ]),
    ['head.layers.0.weight', layers.kernel(159)],
    ...layers.batchNorm('head.layers.1', 'batch_norm_0'),
    ...transposed('head.layers.3', 0),
    ...layers.batchNorm('head.layers.4', 'batch_norm_1'),
    ...transposed('head.layers.6', 1),
  ];
}
