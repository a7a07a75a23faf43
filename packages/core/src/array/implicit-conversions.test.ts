import assert from 'node:assert';
import { inspect } from 'node:util';
import { MessageChannel } from 'node:worker_threads';

import * as mx from '../index';

const a = mx.array([1, 2]);

describe('an array as a primitive', () => {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- operators take no objects
  const x = a as any;

  test.each([
    ['*', () => x * 2],
    ['+', () => x + 1],
    ['>', () => x > 0],
    ['+ text', () => '' + x],
    ['unary -', () => -x],
    ['==', () => x == 1],
    ['Number', () => Number(x)],
    ['Math.max', () => Math.max(x, 1)],
    ['isNaN', () => isNaN(x)],
  ])('is refused by %s, which names methods', (_, run) => {
    expect(run).toThrow(TypeError);
    expect(run).toThrow(/^\[array\] .*a\.multiply\(2\).*a\.item\(\)/);
  });

  test('is its text in template literals and String', () => {
    expect(`${x}`).toBe('array([1, 2], dtype=float32)');
    expect(String(a)).toBe(`${x}`);
    expect([a, a].join()).toBe(`${x},${x}`);
  });
});

describe('JSON', () => {
  test('is nested lists of what JSON has', () => {
    const value = {
      matrix: mx.array([
        [1, 2],
        [3, NaN],
      ]),
      flag: mx.array(true),
      half: mx.array([0.5], mx.bfloat16),
      empty: mx.zeros([2, 0]),
      complex: mx.array([mx.Complex(1, -2)]),
      integers: mx.array([2n ** 62n, 1n]),
    };
    expect(JSON.parse(JSON.stringify(value))).toEqual({
      matrix: [
        [1, 2],
        [3, null],
      ],
      flag: true,
      half: [0.5],
      empty: [[], []],
      complex: [{ re: 1, im: -2 }],
      integers: [String(2n ** 62n), 1],
    });
  });

  test('of a released array is an error', () => {
    const released = mx.array([1]);
    mx.dispose(released);
    expect(() => JSON.stringify(released)).toThrow(/^\[toJSON\] .*released/);
  });
});

describe('deep comparison', () => {
  const large = mx.arange(1000);
  const others: [string, mx.array, mx.array][] = [
    ['values', a, mx.array([1, 3])],
    ['dtypes', a, mx.array([1, 2], mx.float16)],
    ['shapes', mx.zeros([2, 0]), mx.zeros([0, 2])],
    ['signs of zero', mx.array([0]), mx.array([-0])],
    ['many values', large, large.at(999).add(1)],
  ];

  test.each(others)('tells %s apart', (_, one, other) => {
    expect(() => assert.deepStrictEqual(one, other)).toThrow(assert.AssertionError);
    expect(() => assert.deepEqual({ x: [one] }, { x: [other] })).toThrow(assert.AssertionError);
    expect([one]).not.toEqual([other]);
    expect([one]).not.toStrictEqual([other]);
  });

  test('finds arrays of one value equal', () => {
    assert.deepStrictEqual({ x: a }, { x: mx.add(mx.array([0, 1]), 1) });
    assert.deepStrictEqual(mx.array([NaN]), mx.array([NaN]));
    expect({ x: large }).toEqual({ x: mx.arange(1000) });
    expect(a).toStrictEqual(mx.array([1, 2]));
  });

  test('tells a released array apart', () => {
    const released = mx.array([1, 2]);
    mx.dispose(released);
    expect(() => assert.deepStrictEqual(a, released)).toThrow(assert.AssertionError);
  });

  test('asks nothing of arrays that have no values', () => {
    const tags: string[] = [];
    mx.vmap((x: mx.array) => {
      tags.push(Object.prototype.toString.call(x));
      return x;
    })(a);
    tags.push(Object.prototype.toString.call(mx.array.prototype));
    expect(tags).toEqual(['[object array]', '[object array]']);
    expect(inspect(mx.array.prototype)).toContain('array');
  });
});

test('arrays are not copied to other threads, and the error says what to send', () => {
  expect(() => structuredClone(a)).toThrow(/toTypedArray/);
  expect(() => structuredClone({ x: [a] })).toThrow(/toTypedArray/);
  const { port1 } = new MessageChannel();
  expect(() => port1.postMessage(a)).toThrow(/toTypedArray/);
  port1.close();
});

test('methods and getters taken from the class name themselves', () => {
  const { prototype } = mx.array;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === 'constructor') continue;
    const { get, value } = Object.getOwnPropertyDescriptor(prototype, name)!;
    for (const fake of [{}, null, Object.create(prototype) as unknown]) {
      const run = (): unknown => (get ?? (value as () => unknown)).call(fake);
      expect([name, run]).toEqual([name, expect.any(Function)]);
      expect(run).toThrow(TypeError);
      expect(run).toThrow(/^\[[\w.]+\] Expected an array|^\[[\w.]+\] This array belongs/);
    }
  }
});
