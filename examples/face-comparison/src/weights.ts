import * as mx from '@mlx/core';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type * as nn from '@mlx/nn';
import { dirname, join } from 'node:path';

export const faceApi = dirname(require.resolve('@vladmandic/face-api/package.json'));

/** What the manifest of a tfjs model says of a weight. */
interface Entry {
  name: string;
  shape: number[];
  quantization?: { dtype: 'uint8'; scale: number; min: number };
}

export type Published = (name: string) => mx.array;
export type Weights = [name: string, value: mx.array][];

/** The weights of a published network by their names; those of 8 bits become float32. */
function readPublished(name: string): Published {
  const file = (ending: string) => readFileSync(join(faceApi, 'model', `${name}_model${ending}`));
  const [{ weights }] = JSON.parse(file('-weights_manifest.json').toString()) as [
    { weights: Entry[] },
  ];
  const bytes = new Uint8Array(file('.bin'));
  const arrays = new Map<string, mx.array>();
  let at = 0;
  for (const { name, shape, quantization } of weights) {
    const size = shape.reduce((product, one) => product * one, 1) * (quantization ? 1 : 4);
    const part = bytes.slice(at, at + size);
    at += size;
    const values = quantization
      ? mx.array(part).astype(mx.float32).multiply(quantization.scale).add(quantization.min)
      : mx.array(new Float32Array(part.buffer));
    arrays.set(name, values.reshape(shape));
  }
  return (name) => {
    const found = arrays.get(name);
    if (!found) throw new Error(`the model has no ${name}`);
    return found;
  };
}

/** Loads a published network; its weights are converted once, into a file of safetensors. */
export function load<M extends nn.Module>(
  model: M,
  name: string,
  convert: (read: Published) => Weights,
  folder: string,
): M {
  const file = join(folder, `${name}.safetensors`);
  if (existsSync(file)) return model.loadWeights(file);
  model.loadWeights(convert(readPublished(name)));
  mkdirSync(folder, { recursive: true });
  model.saveWeights(file);
  return model;
}

/** Kernels are [height, width, in, out] there, and [out, height, width, in] here. */
export const kernel = (weight: mx.array): mx.array => weight.transpose(3, 0, 1, 2);
