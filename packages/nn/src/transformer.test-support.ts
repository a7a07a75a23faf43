import * as mx from '@mlx/core';
import { withParameters, type Compute, type Settings } from './fixtures.test-support';
import * as nn from './index';

const [dims, heads, hidden] = [8, 2, 12];

/** A mask, which must not be wider than what it masks. */
function mask({ masks }: Settings, key: string, { dtype }: mx.array): mx.array | null {
  const values = (masks as Record<string, unknown>)[key];
  if (values === undefined) return null;
  const made = mx.array(values as number[][]);
  return made.dtype === mx.bool_ ? made : made.astype(dtype);
}

/** The layer with the arrays behind the first `count`, under the names that the case lists. */
function load<M extends nn.Module>(
  layer: M,
  inputs: mx.array[],
  count: number,
  { parameters }: Settings,
): M {
  const names = parameters as string[];
  expect(mx.treeFlatten(layer.parameters())).toHaveLength(names.length);
  return withParameters(
    layer,
    Object.fromEntries(names.map((name, i) => [name, inputs[count + i]])),
  );
}

const encoderLayer: Compute = (inputs, settings) => {
  const activation = settings.activation === 'gelu' ? nn.gelu : nn.relu;
  const { normFirst } = settings as { normFirst: boolean };
  const layer = new nn.TransformerEncoderLayer(dims, heads, hidden, 0, activation, normFirst);
  return load(layer, inputs, 1, settings)(inputs[0]!, mask(settings, 'src_mask', inputs[0]!));
};

const decoderLayer: Compute = (inputs, settings) => {
  const { normFirst } = settings as { normFirst: boolean };
  const layer = new nn.TransformerDecoderLayer(dims, heads, hidden, 0, nn.relu, normFirst);
  const masks = [
    mask(settings, 'tgt_mask', inputs[0]!),
    mask(settings, 'memory_mask', inputs[0]!),
  ] as const;
  return load(layer, inputs, 2, settings)(inputs[0]!, inputs[1]!, ...masks);
};

const transformer =
  (checkpoint: boolean): Compute =>
  (inputs, settings) => {
    const { normFirst } = settings as { normFirst: boolean };
    const sizes = [dims, heads, 2, 1, hidden, 0, nn.relu, null, null] as const;
    const model = new nn.Transformer(...sizes, normFirst, checkpoint);
    const masks = ['src_mask', 'tgt_mask', 'memory_mask'].map((key) =>
      mask(settings, key, inputs[0]!),
    );
    const [source, target] = inputs as [mx.array, mx.array];
    return load(model, inputs, 2, settings)(source, target, ...masks);
  };

/** Attention, transformers of eight features and positional encodings. */
export const transformers: Record<string, Compute> = {
  multiHeadAttention: (inputs, settings) => {
    const { bias } = settings as { bias: boolean };
    const layer = new nn.MultiHeadAttention(dims, heads, null, null, null, null, null, bias);
    const [queries, keys, values] = inputs as [mx.array, mx.array, mx.array];
    return load(layer, inputs, 3, settings)(
      queries,
      keys,
      values,
      mask(settings, 'attn_mask', inputs[0]!),
    );
  },
  encoderLayer,
  decoderLayer,
  transformer: transformer(false),
  rope: ([x], { settings, offset }) => new nn.RoPE(...(settings as [number]))(x!, offset as number),
  sinusoidal: ([x], { settings }) =>
    new nn.SinusoidalPositionalEncoding(...(settings as [number]))(x!),
  alibi: ([scores], { offset }) => new nn.ALiBi()(scores!, offset as number),
};
