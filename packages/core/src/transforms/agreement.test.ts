import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as mx from '../index';

// Random functions of x (n, 4) and w (4, 4) with results like x: every way to run one agrees.

type Step = (pick: () => mx.array, w: mx.array, random: number) => mx.array;

const steps: readonly Step[] = [
  (pick) => mx.tanh(pick()),
  (pick) => mx.sigmoid(pick()),
  (pick) => mx.sin(pick()).add(0.5),
  (pick) => pick().add(pick()),
  (pick) => pick().multiply(pick()),
  (pick) => pick().subtract(pick().mean(0, true)),
  (pick) => pick().multiply(pick().sum(-1, true)).divide(8),
  (pick, w) => mx.tanh(pick().matmul(w)),
  (pick, w) => mx.addmm(w.index(0), pick(), w, 0.5, 2),
  (pick) => mx.softmax(pick(), -1),
  (pick) => mx.softmax(pick(), 0),
  (pick) => mx.logsumexp(pick(), -1, true).add(pick()),
  (pick) => mx.concat([pick().index(':', '2:'), pick().index(':', ':2')], -1),
  (pick) => mx.where(pick().greater(0.1), pick(), pick().negative()),
  (pick) => mx.cumsum(pick(), 0).divide(4),
  (pick) => pick().index('::-1'),
  (pick) => mx.take(pick(), mx.array([3, 1, 0, 1], mx.int32), 1),
  (pick, _, random) => pick().multiply(random),
  (pick) => mx.fast.rmsNorm(pick(), null, 1e-3),
  (pick) => pick().T.square().T,
  (pick) => mx.onesLike(pick()).multiply(pick()),
  (pick) => pick().at(0).add(1),
  (pick) => mx.flatten(pick()).reshape(-1, 4),
  (pick) => mx.roll(pick(), 1, 1),
];

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomFunction(seed: number): (x: mx.array, w: mx.array) => mx.array {
  return (x, w) => {
    const random = generator(seed);
    const values = [x];
    const pick = (): mx.array => values[Math.floor(random() * values.length)]!;
    for (let i = 0; i < 8; i++)
      values.push(steps[Math.floor(random() * steps.length)]!(pick, w, random()));
    return values.at(-1)!.add(values.at(-2)!);
  };
}

const folder = mkdtempSync(join(tmpdir(), 'mlx-agreement-'));
afterAll(() => rmSync(folder, { recursive: true }));

function check(found: mx.array, expected: mx.array, tolerance: number, what: string): void {
  expect({ what, shape: found.shape }).toEqual({ what, shape: expected.shape });
  const error = mx.max(mx.abs(found.subtract(expected))).item();
  if (!(error <= tolerance)) throw new Error(`${what}: differs by ${error}`);
}

const seeds = Array.from({ length: 25 }, (_, i) => i + 1);

test.each(seeds)('function %i: eager, compiled, exported, mapped and differentiated', (seed) => {
  const fun = randomFunction(seed);
  const draw = (shape: number[], key: number): mx.array =>
    mx.random.normal(shape, { key: mx.random.key(97 * seed + key) });
  const w = draw([4, 4], 0).divide(2);
  const compiled = mx.compile(fun);
  const shapeless = mx.compile(fun, { shapeless: true });
  const file = join(folder, `${seed}.mlxfn`);
  mx.exportFunction(file, fun, draw([5, 4], 1), w, { shapeless: true });
  const imported = mx.importFunction(file);
  for (const n of [5, 3, 9, 5]) {
    const x = draw([n, 4], n);
    const expected = fun(x, w);
    check(compiled(x, w), expected, 0, `compile, ${n} rows`);
    check(shapeless(x, w), expected, 0, `shapeless, ${n} rows`);
    check(imported(x, w)[0]!, expected, 0, `import, ${n} rows`);
  }

  // Products of batches add up in another order.
  const batch = draw([3, 5, 4], 2);
  const each = mx.stack([0, 1, 2].map((i) => fun(batch.index(i), w)));
  check(mx.vmap(fun, [0, null])(batch, w), each, 2e-5, 'vmap');
  check(
    mx.vmap(fun, [1, null], -1)(batch.swapaxes(0, 1), w),
    mx.moveaxis(each, 0, -1),
    2e-5,
    'axes',
  );

  // <u, J v> by jvp is <J^T u, v> by vjp, but for rounding.
  const x = draw([5, 4], 3);
  const [v, vw, u] = [draw([5, 4], 4), draw([4, 4], 5), draw([5, 4], 6)];
  const [tangent] = mx.jvp(fun, [x, w], [v, vw])[1];
  const [gx, gw] = mx.vjp(fun, [x, w], [u])[1];
  const forward = tangent!.multiply(u).sum();
  const backward = gx!.multiply(v).sum().add(gw!.multiply(vw).sum());
  const scale = mx.abs(tangent!.multiply(u)).sum().item() + 1;
  check(backward, forward, 1e-5 * scale, 'jvp beside vjp');
  const gradient = mx.grad((y: mx.array) => fun(y, w).multiply(u).sum());
  check(mx.compile(gradient)(x), gradient(x), 0, 'compiled gradient');
});
