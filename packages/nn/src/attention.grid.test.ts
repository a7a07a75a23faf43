import * as mx from '@mlx/core';
import { withParameters, type Settings } from './fixtures.test-support';
import { testGrid, type GridFunction } from './grid.test-support';
import * as nn from './index';

const [dims, heads, hidden] = [8, 2, 12];

/** A mask: null, 'causal', or its numbers (infinite ones as text) and its shape. */
type StoredMask = null | 'causal' | [values: (boolean | number | string)[], shape: number[]];

function maskOf(stored: StoredMask, dtype: mx.Dtype): mx.array | 'causal' | null {
  if (stored === null || stored === 'causal') return stored;
  const [values, shape] = stored;
  if (typeof values[0] === 'boolean') return mx.array(values as boolean[]).reshape(shape);
  const numbers = values.map((x) => (x === '-inf' ? -Infinity : Number(x)));
  return mx.array(numbers, dtype).reshape(shape);
}

/** The layer with the arrays behind the first `count`, under the names that the row lists. */
function load<M extends nn.Module>(
  layer: M,
  inputs: mx.array[],
  count: number,
  names: string[],
): M {
  expect(mx.treeFlatten(layer.parameters())).toHaveLength(names.length);
  const given = names.map((name, i) => [name, inputs[count + i]]);
  return withParameters(layer, Object.fromEntries(given) as Record<string, mx.array>);
}

const attention: GridFunction = (inputs, { sizes, numHeads, bias, mask, parameters }) => {
  const layer = new nn.MultiHeadAttention(dims, numHeads, { ...sizes, bias });
  const [queries, keys, values] = inputs as [mx.array, mx.array, mx.array];
  const given = maskOf(mask as StoredMask, queries.dtype);
  return load(layer, inputs, 3, parameters as string[])(queries, keys, values, given);
};

/** A mask of a stack, by PyTorch's keyword. */
function stackMask({ masks }: Settings, key: string, dtype: mx.Dtype): mx.array | null {
  const values = (masks as Record<string, number[][] | boolean[][]>)[key];
  if (values === undefined) return null;
  return typeof values[0]![0] === 'boolean'
    ? mx.array(values as boolean[][])
    : mx.array(values as number[][], dtype);
}

const encoder: GridFunction = (inputs, settings) => {
  const { layers, normFirst, parameters } = settings;
  const options = { mlpDims: hidden, activation: nn.gelu, normFirst } as nn.TransformerStackOptions;
  const stack = new nn.TransformerEncoder(layers as number, dims, heads, options);
  const x = inputs[0]!;
  return load(stack, inputs, 1, parameters as string[])(x, stackMask(settings, 'mask', x.dtype));
};

const decoder: GridFunction = (inputs, settings) => {
  const { layers, normFirst, parameters } = settings;
  const options = { mlpDims: hidden, activation: nn.gelu, normFirst } as nn.TransformerStackOptions;
  const stack = new nn.TransformerDecoder(layers as number, dims, heads, options);
  const [x, memory] = inputs as [mx.array, mx.array];
  return load(stack, inputs, 2, parameters as string[])(
    x,
    memory,
    stackMask(settings, 'tgt_mask', x.dtype),
    stackMask(settings, 'memory_mask', x.dtype),
  );
};

testGrid('nn_attention_grid', { attention, encoder, decoder });

describe.each([mx.float32, mx.float16, mx.bfloat16])('the causal mask in %s', (dtype) => {
  const lowest = mx.array(mx.finfo(dtype).min, dtype).item();

  test.each([0, 1, 5])('of %d positions hides what is later by the lowest number', (n) => {
    const mask = nn.MultiHeadAttention.createAdditiveCausalMask(n, dtype);
    expect(mask.dtype).toBe(dtype);
    const expected = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => (j > i ? lowest : 0)),
    );
    expect(mask.shape).toEqual([n, n]);
    if (n > 0) expect(mask.tolist()).toEqual(expected);
  });

  test('does what a boolean mask and the word do, however large the scores are', () => {
    mx.random.seed(47);
    for (const size of [1, 50]) {
      const attention = new nn.MultiHeadAttention(dims, heads, { bias: true });
      attention.apply((parameter) => parameter.astype(dtype));
      const x = mx.random.normal([2, 5, dims]).multiply(size).astype(dtype);
      const causal = mx.tril(mx.ones([5, 5])).astype(mx.bool_);
      const expected = attention(x, x, x, causal).tolist();
      const additive = nn.MultiHeadAttention.createAdditiveCausalMask(5, dtype);
      expect(attention(x, x, x, additive).tolist()).toEqual(expected);
      expect(attention(x, x, x, 'causal').tolist()).toEqual(expected);
    }
  });
});
