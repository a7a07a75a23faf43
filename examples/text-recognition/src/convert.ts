import * as mx from '@mlx/core';

type Weights = [name: string, value: mx.array][];

/** The weights under the names of this model, from the constants of the published one. */
export function convertWeights(constants: ReadonlyMap<string, mx.array>): Weights {
  const read = (name: string): mx.array => {
    const found = constants.get(name);
    if (found === undefined) throw new Error(`the model has no ${name}`);
    return found;
  };
  const pair = (name: string, weight: mx.array, bias: mx.array): Weights => [
    [`${name}.weight`, weight],
    [`${name}.bias`, bias],
  ];
  // Channels stand last here: [out, in, height, width] becomes [out, height, width, in].
  const kernel = (at: number): mx.array => read(`conv2d_${at}.w_0`).transpose(0, 2, 3, 1);
  const batchNorm = (name: string, at: number): Weights => [
    ...pair(name, read(`batch_norm2d_${at}.w_0`), read(`batch_norm2d_${at}.b_0`)),
    [`${name}.running_mean`, read(`batch_norm2d_${at}.w_1`)],
    [`${name}.running_var`, read(`batch_norm2d_${at}.w_2`)],
  ];
  const normalized = (name: string, at: number, norm: number): Weights => [
    [`${name}.layers.0.weight`, kernel(at)],
    ...batchNorm(`${name}.layers.1`, norm),
  ];
  // Matrices are [in, out] there.
  const linear = (name: string, at: number): Weights =>
    pair(name, read(`linear_${at}.w_0`).T, read(`linear_${at}.b_0`));
  const layerNorm = (name: string, at: number): Weights =>
    pair(name, read(`layer_norm_${at}.w_0`), read(`layer_norm_${at}.b_0`));
  /** A convolution of one pixel of one pixel's picture is a matrix. */
  const pixel = (name: string, at: number): Weights =>
    pair(name, mx.flatten(kernel(at), 1), read(`conv2d_${at}.b_0`));
  const projections = (name: string, at: number): Weights => {
    const biases = mx.split(read(`linear_${at}.b_0`), 3);
    return mx
      .split(read(`linear_${at}.w_0`).T, 3)
      .flatMap((part, i) => pair(`${name}.${['query', 'key', 'value'][i]}_proj`, part, biases[i]!));
  };
  const mixer = (name: string, at: number, norm: number): Weights => [
    ...layerNorm(`${name}.ln1`, norm),
    ...projections(`${name}.attention`, at),
    ...linear(`${name}.attention.out_proj`, at + 1),
    ...layerNorm(`${name}.ln2`, norm + 1),
    ...linear(`${name}.linear1`, at + 2),
    ...linear(`${name}.linear2`, at + 3),
  ];
  const unit = (i: number): Weights => {
    // A scale and a shift behind the convolution become part of it.
    const [scale, shift] = ['w_0', 'w_1'].map((one) => read(`mobile_one_block_${i}.${one}`));
    const bias = read(`conv2d_${157 + i}.b_0`)
      .multiply(scale!)
      .add(shift!);
    return [
      ...pair(`units.${i}.convolution`, kernel(157 + i).multiply(scale!), bias),
      [`units.${i}.scale`, read(`whswish_b_${i + 1}.w_0`)],
      [`units.${i}.shift`, read(`whswish_b_${i + 1}.w_1`)],
    ];
  };
  return [
    ['stem.weight', kernel(10)],
    ...batchNorm('stem_norm', 2),
    ...Array.from({ length: 28 }, (_, i) => unit(i)).flat(),
    ...[106, 107].flatMap((at, i) => pixel(`excite.0.layers.${i}`, at)),
    ...[117, 118].flatMap((at, i) => pixel(`excite.1.layers.${i}`, at)),
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
