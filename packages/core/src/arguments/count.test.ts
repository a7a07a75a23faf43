import * as mx from '../index';

const x = mx.array([
  [4, 1],
  [1, 3],
]);
const index = mx.array([[0, 1]], mx.int32);

/** Arguments that some function takes. */
const beginnings: readonly (readonly unknown[])[] = [
  [],
  [x],
  [x, x],
  [x, x, x],
  [x, mx.int32],
  [x, 0],
  [x, 0, 1],
  [x, index],
  [x, index, x],
  [x, [[0, 1]], 0],
  [[x, x]],
  [[2, 2]],
  [[2, 2], 1],
  [2],
  [2, 3],
  [0, 2, 3],
  ['cpu'],
  [mx.cpu],
  [mx.defaultStream(mx.cpu)],
  [mx.float32],
  [mx.float32, mx.float32],
  [() => x],
  [() => x, x],
  [[['a', x]]],
  [{ a: x }],
  [{ a: x }, { b: x }],
];

/** They take any number of arguments, of any kind. */
const variadic = new Set([
  'eval',
  'evaluate',
  'asyncEval',
  'dispose',
  'broadcastArrays',
  'index',
  'at',
  // JSON.stringify gives it a key.
  'toJSON',
  // A copy of the sequence's key, no function's place.
  'state',
]);

type Anything = (...values: unknown[]) => unknown;

function* functionsOf(
  object: object,
  path: string,
  seen = new Set<unknown>(),
): Generator<[string, Anything]> {
  if (seen.has(object)) return;
  seen.add(object);
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (variadic.has(key)) continue;
    if (typeof value === 'function') {
      if (!/^(class|async)\b/.test(String(value))) yield [path + key, value as Anything];
    } else if (typeof value === 'object' && value !== null) {
      yield* functionsOf(value, `${path}${key}.`, seen);
    }
  }
}

/** How a call ends; what a function changes of the environment is put back. */
function isAccepted(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  } finally {
    mx.setDefaultDevice(mx.cpu);
  }
}

const tooMany = [...new Array<undefined>(12).fill(undefined), Symbol('one more')];

test('no function takes more arguments than its own', () => {
  const accepting: string[] = [];
  for (const [name, fn] of functionsOf(mx, ''))
    for (const beginning of beginnings)
      if (isAccepted(() => fn(...beginning, ...tooMany))) accepting.push(name);
  expect([...new Set(accepting)]).toEqual([]);
});

test('nor does a method of arrays', () => {
  const accepting: string[] = [];
  const prototype = mx.array.prototype as unknown as Record<string, Anything>;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
    if (typeof descriptor.value !== 'function' || name === 'constructor' || variadic.has(name))
      continue;
    for (const [, ...rest] of beginnings.filter(([first]) => first === x))
      if (isAccepted(() => prototype[name]!.call(x.add(0), ...rest, ...tooMany)))
        accepting.push(name);
  }
  expect([...new Set(accepting)]).toEqual([]);
});

test('the error says so', () => {
  const exp = mx.exp as unknown as Anything;
  expect(() => exp(x, mx.cpu, x)).toThrow('[exp] Too many arguments; the stream is the last.');
  expect(() => (x.add as unknown as Anything).call(x, x, undefined, 1)).toThrow(
    '[add] Too many arguments; the stream is the last.',
  );
  expect(() => (mx.iinfo as unknown as Anything)(mx.int32, 1)).toThrow(
    '[iinfo] Too many arguments; it takes at most 1.',
  );
  const at = x.at(0) as unknown as Record<string, Anything>;
  expect(() => at['add']!(1, 2)).toThrow('[add] Too many arguments; it takes at most 1.');
});
