// Plain loops hold memory flat on the card and on the host, and too little of it is an error.
import { mx } from './packages.mjs';
import { check, expect, mebibyte } from './check.mjs';

mx.setDefaultDevice(mx.gpu);
/** Apple's GPUs have the host's memory, and its limit. */
const isShared = mx.metal.isAvailable();
const resident = () => process.memoryUsage.rss() / mebibyte;
const scale = process.env.MLX_TEST_GPU_LIBRARY ? 0.01 : 1;
const steps = (count) => Math.ceil(count * scale);

/** Runs a step often and checks that neither side grew. */
function flat(name, count, most, step) {
  return check(name, () => {
    for (let i = 0; i < steps(2000); i++) step(i);
    mx.synchronize();
    mx.resetPeakMemory();
    const before = resident();
    const begin = performance.now();
    for (let i = 0; i < steps(count); i++) step(i);
    mx.synchronize();
    const each = (1e6 * (performance.now() - begin)) / steps(count);
    const [peak, grown] = [mx.getPeakMemory() / mebibyte, resident() - before];
    console.log(
      `${name}: ${each.toFixed(0)} ns a step, peak ${peak.toFixed(1)} MiB on the card, ` +
        `host grew by ${grown.toFixed(1)} MiB`,
    );
    expect(peak < most, `the card's peak was ${peak} MiB`);
    expect(grown < (isShared ? most : 100), `the host grew by ${grown} MiB`);
  });
}

let x = mx.ones([1 << 14]);
await flat('a loop of 100,000 evaluations', 100_000, 1000, () => {
  x = x.multiply(0.5).add(1);
  mx.eval(x);
});
await flat('a loop of 100,000 asynchronous evaluations', 100_000, 1000, () => {
  x = x.multiply(0.5).add(1);
  mx.asyncEval(x);
});
await flat('a loop that reads a number in each of 20,000 steps', 20_000, 1000, (i) => {
  const loss = x.multiply(i).sum();
  expect(Number.isFinite(loss.item()), 'no number');
});
await flat('a loop of 2,000 arrays of 4 MB that are only made', 2_000, 9000, (i) => {
  mx.eval(mx.full([1 << 20], i));
});

await check('a limit that is too small is an error, and all goes on', () => {
  const before = mx.setMemoryLimit(64 * mebibyte);
  const held = [];
  let error;
  try {
    for (let i = 0; i < 100; i++) {
      held.push(mx.full([mebibyte], i));
      mx.eval(held.at(-1));
    }
  } catch (caught) {
    error = caught;
  }
  expect(error instanceof mx.EngineError, `no EngineError but ${error}`);
  console.log(`out of memory: ${error.message}`);
  expect(held.length > 8, `only ${held.length} arrays fit`);
  mx.dispose(held);
  expect(mx.full([mebibyte], 7).sum().item() === 7 * mebibyte, 'another sum');
  mx.setMemoryLimit(before);
});

await check('what is only dead in JavaScript is found when memory is short', () => {
  const before = mx.setMemoryLimit(64 * mebibyte);
  for (let i = 0; i < 200; i++) mx.asyncEval(mx.full([mebibyte], i).add(1));
  mx.synchronize();
  mx.setMemoryLimit(before);
});

/**
 * Fills the card with arrays that got old before they die, and has two streams' own threads put work
 * in meanwhile: they can't find what is dead, JavaScript's thread has to.
 */
function shortWhile(name, wait) {
  return check(name, async () => {
    const [left, right] = [mx.newStream(mx.gpu), mx.newStream(mx.gpu)];
    const before = mx.setMemoryLimit(64 * mebibyte);
    const old = Array.from({ length: 15 }, (_, i) => mx.full([mebibyte], i));
    mx.eval(old);
    for (let i = 0; i < 20_000; i++) mx.array(i);
    old.length = 0;
    const sum = mx.full([mebibyte], 1, { stream: left }).add(1, { stream: right }).sum();
    mx.asyncEval(sum);
    await wait(sum);
    expect(sum.item() === 2 * mebibyte, 'another sum');
    mx.setMemoryLimit(before);
  });
}
await shortWhile('short of memory while JavaScript waits', (sum) => mx.eval(sum));
await shortWhile(
  'short of memory while JavaScript is idle',
  () => new Promise((resolve) => setTimeout(resolve, 300)),
);
await shortWhile('short of memory while JavaScript computes', () => {
  const end = performance.now() + 300;
  for (let i = 0; performance.now() < end; i++) mx.array(i);
});

mx.setDefaultDevice(mx.cpu);
const hostLimit = mx.setMemoryLimit(2 ** 40);
mx.setMemoryLimit(hostLimit);
mx.setDefaultDevice(mx.gpu);
await check('the limit at first is what was asked for, or four fifths of what was free', () => {
  const { memory_size: size } = mx.deviceInfo(mx.gpu);
  const limit = mx.setMemoryLimit(size);
  mx.setMemoryLimit(limit);
  const asked = isShared ? hostLimit : process.env.MLX_GPU_MEMORY_LIMIT;
  if (asked) expect(limit === Number(asked), `${limit} instead of ${asked}`);
  else expect(limit > 0.2 * size && limit <= 0.8 * size, `${limit} of ${size}`);
});

await check('a slice is read without the rest', () => {
  const big = mx.zeros([64 * mebibyte], mx.uint8).add(mx.array(3, mx.uint8));
  mx.eval(big);
  mx.synchronize();
  const before = resident();
  expect(big.index(12345).item() === 3, 'another element');
  expect(big.index('100:200').toTypedArray().length === 100, 'another length');
  expect(resident() - before < 16, `the host grew by ${resident() - before} MiB`);
});
