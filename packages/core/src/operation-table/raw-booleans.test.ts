import * as mx from '../index';
import { checkSameBits, listOf } from './checks';
import { generate, layouts, toArray } from './inputs';
import { operations } from './table';

const bytes = mx.array([0, 1, 2, 255, 0, 128], mx.uint8);

/** The same booleans with many bytes for true. */
function raw(a: mx.array): mx.array {
  const places = mx.arange(a.size, mx.int32).reshape(a.shape);
  return mx.where(a, places.multiply(2).remainder(127).add(128), 0).astype(mx.uint8).view(mx.bool_);
}

/** As every second of more elements. */
function spread(a: mx.array): mx.array {
  const wide = a.shape.reduce((grown, _, axis) => mx.repeat(grown, 2, axis), a);
  return rawIfBoolean(wide).index('...', ...a.shape.map(() => '::2'));
}

const rawIfBoolean = (a: mx.array): mx.array => (a.dtype === mx.bool_ ? raw(a) : a);

describe('a view as booleans keeps its bytes', () => {
  const view = bytes.view(mx.bool_);

  test.each<[string, (a: mx.array) => mx.array, number[]]>([
    ['itself', (a) => a, [0, 1, 2, 255, 0, 128]],
    ['slice', (a) => a.index('1:4'), [1, 2, 255]],
    ['steps back', (a) => a.index('::-2'), [128, 255, 1]],
    ['transposed', (a) => a.reshape([2, 3]).T.flatten(), [0, 255, 1, 0, 2, 128]],
    ['broadcast', (a) => mx.broadcastTo(a, [2, 6]).flatten().index('6:'), [0, 1, 2, 255, 0, 128]],
    ['split', (a) => mx.split(a, 2)[1]!, [255, 0, 128]],
    ['stopGradient', (a) => mx.stopGradient(a), [0, 1, 2, 255, 0, 128]],
  ])('through %s', (_, move, expected) => {
    expect(move(view).view(mx.uint8).tolist()).toEqual(expected);
    const moved = move(view);
    mx.eval(moved);
    expect(moved.view(mx.uint8).tolist()).toEqual(expected);
    expect(
      mx
        .compile((a: mx.array) => move(a.view(mx.bool_)).view(mx.uint8))(bytes)
        .tolist(),
    ).toEqual(expected);
    expect([...moved.toTypedArray()]).toEqual(expected.map((byte) => Number(byte !== 0)));
    expect(moved.tolist()).toEqual(expected.map((byte) => byte !== 0));
  });

  test('of wider elements, and as wider ones', () => {
    const floats = mx.array([1, -2]);
    expect(floats.view(mx.bool_).shape).toEqual([8]);
    expect(floats.view(mx.bool_).view(mx.float32).tolist()).toEqual([1, -2]);
    expect(floats.view(mx.bool_).astype(mx.int32).sum().item()).toBe(3);
  });

  test('an element', () => {
    expect(view.index(3).item()).toBe(true);
    expect(String(view.index('2:5'))).toBe(String(mx.array([true, true, false])));
  });
});

const takers = operations.filter(
  (one) =>
    one.name !== 'view' &&
    (one.dtypes.includes(mx.bool_) ||
      one.samples.some((sample) => sample.inputs.some((input) => input.dtype === mx.bool_))),
);

test.each(takers.map((one) => [one.name, one] as const))(
  '%s takes every byte but 0 as true',
  (_, { dtypes, samples }) => {
    const dtype = dtypes.includes(mx.bool_) ? mx.bool_ : dtypes[0]!;
    for (const { call, inputs } of samples) {
      const plain = generate({ call, inputs }, dtype).map(toArray);
      const expected = listOf(call(...plain));
      const given = plain.map(rawIfBoolean);
      checkSameBits(call(...given), expected);
      checkSameBits(call(...plain.map(spread)), call(...plain.map(layouts['every second']!)));
      checkSameBits(mx.compile((...all: mx.array[]) => listOf(call(...all)))(...given), expected);
    }
  },
);
