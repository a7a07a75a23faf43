import type * as mx from '@mlx/core';
import { existsSync, mkdirSync } from 'node:fs';
import type * as nn from '@mlx/nn';
import { dirname } from 'node:path';

/** Gives a weight of a published network by its name there. */
export type Published = (name: string) => mx.array;

/** Weights by the names of a module's parameters. */
export type NamedWeights = [name: string, value: mx.array][];

/** Asks a map for weights; one that is missing is an error with its name. */
export function publishedBy(weights: ReadonlyMap<string, mx.array>): Published {
  return (name) => {
    const found = weights.get(name);
    if (found === undefined) throw new Error(`the published network has no ${name}`);
    return found;
  };
}

/** Fills a model from a file of safetensors; where it is missing, the weights are converted into it. */
export function loadConverted<M extends nn.Module>(
  model: M,
  file: string,
  convert: () => NamedWeights,
): M {
  model.eval();
  if (existsSync(file)) return model.loadWeights(file);
  model.loadWeights(convert());
  mkdirSync(dirname(file), { recursive: true });
  model.saveWeights(file);
  return model;
}
