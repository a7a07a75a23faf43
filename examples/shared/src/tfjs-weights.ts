import * as mx from '@mlx/core';
import { readFileSync } from 'node:fs';
import { publishedBy, type Published } from './published-weights';

/** What the manifest of a tfjs model says of a weight. */
interface Entry {
  name: string;
  shape: number[];
  quantization?: { dtype: 'uint8'; scale: number; min: number };
}

/** The weights of a tfjs model; those of 8 bits become float32. */
export function readTfjsWeights(manifestFile: string, binaryFile: string): Published {
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as [{ weights: Entry[] }];
  const bytes = new Uint8Array(readFileSync(binaryFile));
  const weights = new Map<string, mx.array>();
  let at = 0;
  for (const { name, shape, quantization } of manifest[0].weights) {
    const size = shape.reduce((product, one) => product * one, 1) * (quantization ? 1 : 4);
    const part = bytes.slice(at, at + size);
    at += size;
    const values = quantization
      ? mx.array(part).astype(mx.float32).multiply(quantization.scale).add(quantization.min)
      : mx.array(new Float32Array(part.buffer));
    weights.set(name, values.reshape(shape));
  }
  return publishedBy(weights);
}

/** Kernels are [height, width, in, out] there, and [out, height, width, in] here. */
export function kernel(weight: mx.array): mx.array {
  return weight.transpose(3, 0, 1, 2);
}
