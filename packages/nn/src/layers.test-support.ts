import * as mx from '@mlx/core';
import { withParameters, type Compute } from './fixtures.test-support';
import * as nn from './index';
import type { Pair, Triple } from './index';

type Numbers = number[];

/** The kernel's size of a weight [out, ...kernel, in]. */
function kernelOf(weight: mx.array): Numbers {
  return weight.shape.slice(1, -1);
}

const conv1d: Compute = ([x, weight, bias], { stride, padding, dilation, groups }) => {
  const [out, size, inputs] = weight!.shape as Triple;
  const settings = [stride, padding, dilation, groups] as [number, number, number, number];
  const layer = new nn.Conv1d(inputs * settings[3], out, size, ...settings, bias !== undefined);
  return withParameters(layer, { weight, bias })(x!);
};

const conv2d: Compute = ([x, weight, bias], { stride, padding, dilation, groups }) => {
  const [out, inputs] = [weight!.shape[0]!, weight!.shape.at(-1)!];
  const settings = [stride, padding, dilation, groups] as [Pair, Pair, Pair, number];
  const kernel = kernelOf(weight!) as Pair;
  const layer = new nn.Conv2d(inputs * settings[3], out, kernel, ...settings, bias !== undefined);
  return withParameters(layer, { weight, bias })(x!);
};

const conv3d: Compute = ([x, weight, bias], { stride, padding, dilation }) => {
  const [out, inputs] = [weight!.shape[0]!, weight!.shape.at(-1)!];
  const settings = [stride, padding, dilation] as [Triple, Triple, Triple];
  const kernel = kernelOf(weight!) as Triple;
  const layer = new nn.Conv3d(inputs, out, kernel, ...settings, bias !== undefined);
  return withParameters(layer, { weight, bias })(x!);
};

/** The three transposed convolutions differ in how many numbers an option may have. */
function transposed(
  Layer: new (inputs: number, outputs: number, ...options: never[]) => nn.ConvTranspose2d,
): Compute {
  return ([x, weight, bias], { stride, padding, dilation, outputPadding }) => {
    const [out, inputs] = [weight!.shape[0]!, weight!.shape.at(-1)!];
    const kernel = kernelOf(weight!);
    const options = [kernel.length === 1 ? kernel[0] : kernel, stride, padding, dilation];
    const layer = new Layer(inputs, out, ...([...options, outputPadding] as never[]));
    return withParameters(layer, { weight, bias })(x!);
  };
}

function pooling(
  Layer: new (...options: never[]) => nn.Module & { forward(x: mx.array): mx.array },
): Compute {
  return ([x], { kernelSize, stride, padding }) =>
    new Layer(...([kernelSize, stride, padding] as never[])).forward(x!);
}

/** Layers as maps from their inputs and parameters to what they compute. */
export const layers: Record<string, Compute> = {
  linear: ([x, weight, bias]) => {
    const [outputs, inputs] = weight!.shape as Pair;
    const layer = new nn.Linear(inputs, outputs, bias !== undefined);
    return withParameters(layer, { weight, bias })(x!);
  },
  bilinear: ([first, second, weight, bias]) => {
    const [outputs, input2, input1] = weight!.shape as Triple;
    const layer = new nn.Bilinear(input1, input2, outputs, bias !== undefined);
    return withParameters(layer, { weight, bias })(first!, second!);
  },
  embedding: ([weight], { indices }) =>
    withParameters(new nn.Embedding(6, 4), { weight })(mx.array(indices, mx.int32)),
  embeddingAsLinear: ([x, weight]) =>
    withParameters(new nn.Embedding(6, 4), { weight }).asLinear(x!),
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d: transposed(nn.ConvTranspose1d as never),
  convTranspose2d: transposed(nn.ConvTranspose2d),
  convTranspose3d: transposed(nn.ConvTranspose3d as never),
  maxPool1d: pooling(nn.MaxPool1d),
  maxPool2d: pooling(nn.MaxPool2d),
  maxPool3d: pooling(nn.MaxPool3d),
  avgPool1d: pooling(nn.AvgPool1d),
  avgPool2d: pooling(nn.AvgPool2d),
  avgPool3d: pooling(nn.AvgPool3d),
  upsampleNearest: ([x], { scale }) => nn.upsampleNearest(x!, scale as Numbers),
  upsampleLinear: ([x], { scale, alignCorners, antialias }) =>
    nn.upsampleLinear(x!, scale as Numbers, alignCorners as boolean, antialias as boolean),
  upsampleCubic: ([x], { scale, alignCorners, antialias }) =>
    nn.upsampleCubic(x!, scale as Numbers, alignCorners as boolean, antialias as boolean),
};
