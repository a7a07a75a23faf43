import * as mx from '@mlx/core';
import { PaddleLayers } from '@mlx/example-shared/dist/paddle-layers';
import type { NamedWeights } from '@mlx/example-shared/dist/published-weights';
import { convertBackbone } from '@mlx/example-shared/dist/text-backbone';
import { blocks } from './model';

/** The weights of the recogniser, from the published file. */
export function convertRecognizer(onnxFile: string): NamedWeights {
  const layers = new PaddleLayers(onnxFile);
  const normalized = (name: string, index: number, norm: number): NamedWeights => [
    [`${name}.layers.0.weight`, layers.kernel(index)],
    ...layers.batchNorm(`${name}.layers.1`, `batch_norm2d_${norm}`),
  ];
  const layerNorm = (name: string, index: number): NamedWeights => [
    [`${name}.weight`, layers.read(`layer_norm_${index}.w_0`)],
    [`${name}.bias`, layers.read(`layer_norm_${index}.b_0`)],
  ];
  // Matrices are [in, out] there.
  const linear = (name: string, index: number): NamedWeights => [
    [`${name}.weight`, layers.read(`linear_${index}.w_0`).T],
    [`${name}.bias`, layers.read(`linear_${index}.b_0`)],
  ];
  /** One matrix there makes queries, keys and values; here each has its own. */
  const projections = (name: string, index: number): NamedWeights =>
    linear(name, index).flatMap(([whole, value]) => {
      const part = whole.slice(name.length);
      const [query, key, values] = mx.split(value, 3);
      return [
        [`${name}.query_proj${part}`, query!],
        [`${name}.key_proj${part}`, key!],
        [`${name}.value_proj${part}`, values!],
      ];
    });
  const mixer = (name: string, index: number, norm: number): NamedWeights => [
    ...layerNorm(`${name}.ln1`, norm),
    ...projections(`${name}.attention`, index),
    ...linear(`${name}.attention.out_proj`, index + 1),
    ...layerNorm(`${name}.ln2`, norm + 1),
    ...linear(`${name}.linear1`, index + 2),
    ...linear(`${name}.linear2`, index + 3),
  ];
  return [
    ...convertBackbone(layers, blocks, { stem: 10, norm: 2, blocks: 157, excites: 106 }),
    ...normalized('narrow.layers.0', 142, 148),
    ...normalized('narrow.layers.1', 143, 149),
    ...mixer('mixers.0', 77, 43),
    ...mixer('mixers.1', 81, 45),
    ...layerNorm('norm', 47),
    ...normalized('widen', 144, 150),
    ...normalized('merge.layers.0', 145, 151),
    ...normalized('merge.layers.1', 146, 152),
    ...linear('output', 85),
  ];
}
