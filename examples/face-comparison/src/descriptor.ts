import * as mx from '@mlx/core';
import type { NamedWeights, Published } from '@mlx/example-shared/dist/published-weights';
import { kernel } from '@mlx/example-shared/dist/tfjs-weights';
import * as nn from '@mlx/nn';

export const faceSize = 150;
const meanColour = [122.782, 117.001, 104.298];

/** Two convolutions beside the input itself, or its halved picture. */
class Residual extends nn.Module {
  first: nn.Conv2d;
  second: nn.Conv2d;
  readonly #halve: nn.AvgPool2d | null;

  constructor(from: number, to: number, halves: boolean) {
    super();
    const options = halves ? { stride: 2 } : { padding: 1 };
    this.first = new nn.Conv2d(from, to, 3, options);
    this.second = new nn.Conv2d(to, to, 3, { padding: 1 });
    this.#halve = halves ? new nn.AvgPool2d(2) : null;
  }

  forward(x: mx.array): mx.array {
    const y = this.second(nn.relu(this.first(x)));
    const beside = this.#halve ? this.#halve(x) : x;
    // The smaller is filled up with zeros, at the far edges and in new channels.
    const shape = y.shape.map((size, i) => Math.max(size, beside.shape[i]!));
    const fill = (a: mx.array) =>
      mx.pad(
        a,
        shape.map((size, i) => [0, size - a.shape[i]!]),
      );
    return nn.relu(mx.add(fill(y), fill(beside)));
  }
}

/** The published names of the blocks tell their channels, and which halve the picture. */
const names = [
  ...['conv32_1', 'conv32_2', 'conv32_3'],
  ...['conv64_down', 'conv64_1', 'conv64_2', 'conv64_3'],
  ...['conv128_down', 'conv128_1', 'conv128_2'],
  ...['conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
];

function residuals(): Residual[] {
  let channels = 32;
  return names.map((name) => {
    const from = channels;
    channels = parseInt(name.slice('conv'.length));
    return new Residual(from, channels, name.includes('down'));
  });
}

/** dlib's residual network: 128 numbers that are near to each other for one person's faces. */
export class FaceDescriptor extends nn.Module {
  first = new nn.Conv2d(3, 32, 7, { stride: 2 });
  pool = new nn.MaxPool2d(3, 2);
  blocks = residuals();
  output = new nn.Linear(256, 128, false);

  /**
   * @param faces - of 150 x 150 pixels, red, green and blue in 0 to 255.
   * @returns shape `[faces, 128]`.
   */
  forward(faces: mx.array): mx.array {
    const scaled = mx.divide(mx.subtract(faces, meanColour), 255);
    const x = this.pool(nn.relu(this.first(scaled)));
    const y = this.blocks.reduce((picture, block) => block(picture), x);
    return this.output(mx.mean(y, [1, 2]));
  }
}

export function convertDescriptor(read: Published): NamedWeights {
  // A scale and a shift behind each convolution become part of it.
  const convolution = (ours: string, theirs: string): NamedWeights => {
    const scale = read(`${theirs}/scale/weights`);
    const weight = read(`${theirs}/conv/filters`).multiply(scale);
    const bias = read(`${theirs}/conv/bias`)
      .multiply(scale)
      .add(read(`${theirs}/scale/biases`));
    return [
      [`${ours}.weight`, kernel(weight)],
      [`${ours}.bias`, bias],
    ];
  };
  return [
    ...convolution('first', 'conv32_down'),
    ...names.flatMap((name, i) => [
      ...convolution(`blocks.${i}.first`, `${name}/conv1`),
      ...convolution(`blocks.${i}.second`, `${name}/conv2`),
    ]),
    ['output.weight', read('fc').T],
  ];
}
