// Every call between the cards of several processes, each against the values of all ranks combined
// by this process's CPU.
import { check, expect, isFake } from './check.mjs';
import { mx } from './packages.mjs';

mx.setDefaultDevice(mx.cpu);
const calls = mx.distributed;
const world = calls.init(true, 'nccl', { timeout: 20 });
const [rank, size] = [world.rank(), world.size()];
const quick = process.argv[2] === 'quick';
const dtypes = quick
  ? ['float32', 'int16']
  : 'bool_ uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 bfloat16 float32 complex64'.split(
      ' ',
    );
const shapes = [[], [0], [1], [7], [3, 5], [4001], [31, 1013], [1 << 20, 3]];

/** Whole numbers, of which every order of adding gives the same sum. */
function values(shape, dtype, of) {
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = mx.remainder(mx.arange(count).multiply(7 + 2 * of), 11);
  return numbers.astype(mx[dtype]).reshape(shape);
}

const everyRank = (make) => Array.from({ length: size }, (_, of) => make(of));

let wrong = [];

/** What a call gives. Wrong values end no check before its end, where the others would wait. */
function same(what, result, expected) {
  mx.eval(result);
  const isSame =
    result.dtype === expected.dtype &&
    `${result.shape}` === `${expected.shape}` &&
    (isFake || mx.arrayEqual(result, expected).item());
  if (!isSame) wrong.push(`${what} of ${expected.dtype} ${expected.shape}`);
}

/** A check in which all values that were compared have to be right. */
const checkValues = (name, body) =>
  check(name, () => {
    wrong = [];
    body();
    expect(wrong.length === 0, `other values or shapes: ${wrong.join('; ')}`);
  });

for (const dtype of dtypes)
  await checkValues(`${dtype} by ${size} cards`, () => {
    for (const shape of shapes) {
      const all = everyRank((of) => values(shape, dtype, of));
      const own = all[rank];
      // Computed on the card just before, so that the call has to wait for it.
      const there = mx.add(own, own, mx.gpu);
      const doubled = all.map((x) => x.add(x));
      same(
        'allSum',
        calls.allSum(own),
        all.reduce((a, b) => mx.add(a, b)),
      );
      same(
        'allSum there',
        calls.allSum(there),
        doubled.reduce((a, b) => mx.add(a, b)),
      );
      same(
        'allMax',
        calls.allMax(own),
        all.reduce((a, b) => mx.maximum(a, b)),
      );
      same(
        'allMin',
        calls.allMin(own),
        all.reduce((a, b) => mx.minimum(a, b)),
      );
      same('allGather', calls.allGather(own), shape.length ? mx.concatenate(all) : mx.stack(all));
      if (shape.length === 0) continue;
      const whole = [shape[0] * size, ...shape.slice(1)];
      const sum = everyRank((of) => values(whole, dtype, of)).reduce((a, b) => mx.add(a, b));
      same('sumScatter', calls.sumScatter(values(whole, dtype, rank)), mx.split(sum, size)[rank]);
      const next = (rank + 1) % size;
      const before = (rank + size - 1) % size;
      const send = () => mx.eval(calls.send(own, next));
      const receive = () => same('recv', calls.recvLike(own, before), all[before]);
      for (const step of rank === 0 ? [send, receive] : [receive, send]) step();
    }
  });

await checkValues('NaN wins', () => {
  const x = mx.array(rank === 0 ? [NaN, 1, 2] : [1, NaN, 3]);
  for (const call of [calls.allMax, calls.allMin]) {
    const isNaN = mx.isnan(call(x));
    same('isnan', isNaN, mx.array([true, true, false]));
  }
});
await checkValues('views, on the card', () => {
  const x = mx.add(values([40, 30], 'float32', rank), 1, mx.gpu).T;
  const expected = everyRank((of) => values([40, 30], 'float32', of).add(1).T);
  same(
    'allSum',
    calls.allSum(x),
    expected.reduce((a, b) => mx.add(a, b)),
  );
});
await checkValues('groups of groups', () => {
  const again = world.split(0, size - rank);
  expect(again.rank() === size - 1 - rank, `rank ${again.rank()}`);
  const order = everyRank((of) => size - 1 - of);
  same('allGather', calls.allGather(mx.array([rank]), { group: again }), mx.array(order));
  expect(world.split(rank).size() === 1, 'alone');
});
await checkValues('a loss and its gradient', () => {
  const onCard = { stream: mx.gpu };
  const loss = (x) => mx.sum(mx.square(calls.allSum(x), onCard), onCard);
  const [value, gradient] = mx.valueAndGrad(loss)(mx.array([1, 2]));
  same('loss', value, mx.array(5 * size * size));
  same('gradient', gradient, mx.array([2 * size, 4 * size]));
});
await checkValues('float64 is refused, and all go on', () => {
  let message = '';
  try {
    mx.eval(calls.allSum(mx.ones([2]).astype(mx.float64)));
  } catch (error) {
    message = error.message;
  }
  expect(message.includes('has no float64'), message);
  same(
    'on the CPU',
    calls.allSum(mx.ones([2]).astype(mx.float64), { stream: mx.cpu }),
    mx.full([2], size).astype(mx.float64),
  );
});
await checkValues('other shapes are an error on all, and all go on', () => {
  let message = '';
  try {
    mx.eval(calls.allSum(mx.ones([rank + 1])));
  } catch (error) {
    message = error.message;
  }
  expect(/rank 0 calls allSum with float32 \(1\).*rank 1 calls/.test(message), message);
  same('after', calls.allSum(mx.array([1])), mx.array([size]));
});
