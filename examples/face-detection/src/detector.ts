import * as mx from '@mlx/core';
import { withoutRepeats, type Box } from '@mlx/example-shared/dist/boxes';
import type { NamedWeights, Published } from '@mlx/example-shared/dist/published-weights';
import { kernel } from '@mlx/example-shared/dist/tfjs-weights';
import * as nn from '@mlx/nn';

export const detectorSize = 416;
const meanColour = [117.001, 114.697, 97.404];
/** Sizes of faces in cells, from which the network tells how much a face differs. */
const anchors = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
] as const;

/** The largest of each square of four; an odd edge is a square of its own. */
function pool(x: mx.array, stride: number): mx.array {
  const lacking = stride === 1 ? 1 : x.shape[1]! % 2;
  const edge: [number, number] = [0, lacking];
  return new nn.MaxPool2d(2, stride)(mx.pad(x, [[0, 0], edge, edge, [0, 0]], -Infinity));
}

/** A convolution of each channel, then one over the channels of each pixel. */
class Separable extends nn.Module {
  each: nn.Conv2d;
  across: nn.Conv2d;

  constructor(from: number, to: number) {
    super();
    this.each = new nn.Conv2d(from, from, 3, { padding: 1, groups: from, bias: false });
    this.across = new nn.Conv2d(from, to, 1);
  }

  forward(x: mx.array): mx.array {
    return nn.leakyRelu(this.across(this.each(x)), 0.1);
  }
}

/** The tiny face detector of face-api: a small relative of YOLO 2. */
export class FaceDetector extends nn.Module {
  first = new nn.Conv2d(3, 16, 3);
  layers = [16, 32, 64, 128, 256].map((channels) => new Separable(channels, 2 * channels));
  last = new nn.Conv2d(512, 5 * anchors.length, 1);

  /**
   * @param pictures - of 416 x 416 pixels, red, green and blue in 0 to 255.
   * @returns shape `[pictures, 13, 13, anchors, 5]`: place, size and score of a face in each cell.
   */
  forward(pictures: mx.array): mx.array {
    const scaled = mx.divide(mx.subtract(pictures, meanColour), 255);
    let x = pool(nn.leakyRelu(this.first(scaled), 0.1), 2);
    this.layers.forEach((layer, i) => (x = pool(layer(x), i < 4 ? 2 : 1)));
    return mx.unflatten(this.last(x), -1, [anchors.length, 5]);
  }
}

export function convertDetector(read: Published): NamedWeights {
  return [
    ['first.weight', kernel(read('conv0/filters'))],
    ['first.bias', read('conv0/bias')],
    ...[1, 2, 3, 4, 5].flatMap((i): NamedWeights => [
      // [height, width, channels, 1]
      [`layers.${i - 1}.each.weight`, read(`conv${i}/depthwise_filter`).transpose(2, 0, 1, 3)],
      [`layers.${i - 1}.across.weight`, kernel(read(`conv${i}/pointwise_filter`))],
      [`layers.${i - 1}.across.bias`, read(`conv${i}/bias`)],
    ]),
    ['last.weight', kernel(read('conv8/filters'))],
    ['last.bias', read('conv8/bias')],
  ];
}

/** From which likelihood on something is a face. */
const leastScore = 0.5;
/** Boxes that have more in common are around one face. */
const mostOverlap = 0.4;

/** The faces in the output for a picture whose longer side has so many pixels, each once. */
export function facesIn(output: mx.array, pixels: number): Box[] {
  const cell = pixels / output.shape[0]!;
  const place = mx.sigmoid(output.index('...', mx.Slice(0, 2)));
  const size = mx.multiply(mx.exp(output.index('...', mx.Slice(2, 4))), anchors);
  const score = mx.sigmoid(output.index('...', mx.Slice(4)));
  const cells = mx.concatenate([place, size, score], -1).tolist<number[][][][]>();
  const boxes = cells.flatMap((row, y) =>
    row.flatMap((ofAnchors, x) =>
      ofAnchors.map(([dx, dy, w, h, score]): Box => {
        const [width, height] = [w! * cell, h! * cell];
        const [left, top] = [(x + dx!) * cell - width / 2, (y + dy!) * cell - height / 2];
        return { left, top, width, height, score: score! };
      }),
    ),
  );
  const likely = boxes.filter(({ score }) => score > leastScore);
  return withoutRepeats(likely, mostOverlap).sort((a, b) => a.left - b.left);
}
