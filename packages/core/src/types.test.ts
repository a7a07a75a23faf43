import * as mx from './index';

// What the compiler says is the test; the oldest TypeScript reads these files too, in publishing/.

/** Whether two types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function typeOf<A>(_value: A) {
  return { is<B>(_same: Same<A, B>): void {} };
}

const a = mx.array([[1, 2]]);
const anyDtype: mx.Dtype = a.dtype;

test('values leave with the types of the dtype that is asked for', async () => {
  const numbers = a.toTypedArray(mx.int32);
  typeOf(numbers).is<Int32Array>(true);
  expect(numbers).toEqual(new Int32Array([1, 2]));
  const later = await a.data(mx.bool_);
  typeOf(later).is<Uint8Array>(true);
  expect(later).toEqual(new Uint8Array([1, 1]));
  const big = a.toTypedArray(mx.int64);
  typeOf(big).is<BigInt64Array>(true);
  expect(big).toEqual(new BigInt64Array([1n, 2n]));
  const unknown = a.toTypedArray(anyDtype);
  typeOf(unknown).is<mx.TypedArray>(true);
  const own = a.toTypedArray();
  typeOf(own).is<mx.TypedArray>(true);
  expect(own).toEqual(new Float32Array([1, 2]));
  // @ts-expect-error -- the values of int32 are no Float32Array
  const wrong: Float32Array = a.toTypedArray(mx.int32);
  expect(wrong).not.toBeInstanceOf(Float32Array);
  // @ts-expect-error -- what isn't asked for isn't known
  const unasked: Float32Array = a.toTypedArray();
  expect(unasked).toEqual(own);
  expect(() => a.toTypedArray('int32' as never)).toThrow(TypeError);
});

test('dtypes of all names can be assigned to each other', () => {
  let dtype = mx.float32;
  if (a.size > 1) dtype = mx.float16;
  if (a.size > 2) dtype = anyDtype;
  expect([mx.float32, mx.float16].includes(dtype)).toBe(true);
});

test('item and tolist take no type from where the value goes', () => {
  const one = mx.array(1);
  const number: number = one.item();
  expect(number).toBe(1);
  expect(one.item<boolean>()).toBe(1);
  expect(a.tolist<number[][]>()[0]?.[1]).toBe(2);
  // @ts-expect-error -- unless it is said, it is a number
  const text: string = one.item();
  // @ts-expect-error -- an element is never a text
  const stated = one.item<string>();
  // @ts-expect-error -- unless it is said, lists have numbers in any depth
  const dates: Date[] = a.tolist();
  expect([text, stated, dates]).toEqual([1, 1, [[1, 2]]]);
});

test('mapped and flattened trees keep the structure of their type', () => {
  const tree = { w: a, layers: [{ b: a }], pair: [a, { n: 1 }] as [mx.array, { n: number }] };
  const sizes = mx.treeMap((leaf) => String(leaf), tree);
  typeOf(sizes).is<{ w: string; layers: { b: string }[]; pair: [string, { n: string }] }>(true);
  const named = mx.treeMapWithPath((path, leaf) => [path, leaf] as const, { x: 1, y: [2] });
  typeOf(named.y).is<(readonly [string, number])[]>(true);
  const flat = mx.treeFlatten(tree);
  typeOf(flat).is<[string, number | mx.array][]>(true);
  const total = mx.treeReduce((sum, leaf) => sum + leaf, { x: 1, y: [2] }, 0);
  typeOf(total).is<number>(true);
  const merged = mx.treeMerge({ x: a }, { y: { z: 1 } });
  typeOf(merged.x).is<mx.array>(true);
  typeOf(merged.y.z).is<number>(true);
  const shown = mx.treeMap((leaf) => leaf > 0, { m: { [mx.treeSymbol]: () => ({ weight: 1 }) } });
  typeOf(shown).is<{ m: { weight: boolean } }>(true);
  const unknown: unknown = tree;
  mx.treeMap((leaf: mx.array) => leaf.size, unknown);
  // @ts-expect-error -- the leaves are numbers
  expect(() => mx.treeMap((leaf: mx.array) => leaf.shape.length, { x: 1 })).toThrow();
  expect(mx.treeMap((leaf) => leaf, tree, [], Array.isArray)).toEqual(tree);
});

test('gradients are like the arguments that they are for', () => {
  const f = (w: { a: mx.array; b: mx.array[] }, x: mx.array, scale: number): mx.array =>
    mx.sum(w.a.multiply(x).add(w.b[0]!).multiply(scale));
  const w = { a, b: [a] };
  const first = mx.grad(f)(w, a, 1);
  typeOf(first).is<{ a: mx.array; b: mx.array[] }>(true);
  const second = mx.grad(f, 1)(w, a, 1);
  typeOf(second).is<mx.array>(true);
  const both = mx.valueAndGrad(f, [0, 2])(w, a, 1);
  typeOf(both).is<[mx.array, [{ a: mx.array; b: mx.array[] }, mx.array]]>(true);
  const [value, chosen] = mx.valueAndGrad(f, { argnums: 1 })(w, a, 1);
  typeOf(chosen).is<mx.array>(true);
  const g = (x: mx.array, more: { y: mx.array; z: mx.array }): mx.array =>
    mx.sum(x.multiply(more.y).multiply(more.z));
  const named = mx.grad(g, { argnames: ['z'] })(a, { y: a, z: a });
  typeOf(named).is<{ z: mx.array }>(true);
  const mixed = mx.grad(g, 0, 'y')(a, { y: a, z: a });
  typeOf(mixed).is<[mx.array, { y: mx.array }]>(true);
  expect([value.shape, first.b[0]?.shape, named.z.shape, mixed[1].y.shape]).toEqual([
    [],
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
});

test('functions to be transformed return no promise', () => {
  const loss = async (x: mx.array) => Promise.resolve(x.sum());
  const maybe = (x: mx.array) => (x.size > 5 ? x : loss(x));
  for (const run of [
    // @ts-expect-error -- it returns a promise
    () => mx.grad(loss)(a),
    // @ts-expect-error -- it may return one
    () => mx.valueAndGrad(maybe)(a),
    // @ts-expect-error -- it returns a promise
    () => mx.compile(loss)(a),
    // @ts-expect-error -- it returns a promise
    () => mx.checkpoint(loss)(a),
    // @ts-expect-error -- it returns a promise
    () => mx.vmap(loss)(a),
    // @ts-expect-error -- it returns a promise
    () => mx.vjp(loss, [a], [a]),
    // @ts-expect-error -- it returns a promise
    () => mx.jvp(loss, [a], [a]),
  ])
    expect(run).toThrow(/promise|an array/);
});
