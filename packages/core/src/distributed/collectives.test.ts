import { runProcesses, type LaunchSettings } from './processes.test-support';

// Every call in 2 and 4 processes, against the values of all ranks combined in each of them.

const everyCall = `
  const dtypes = ['bool_', 'uint8', 'uint16', 'uint32', 'uint64', 'int8', 'int16', 'int32', 'int64',
    'float16', 'bfloat16', 'float32', 'float64', 'complex64'];
  const shapes = [[], [0], [1], [7], [3, 5], [4001], [31, 1013]];
  mx.setDefaultDevice(mx.cpu);
  const failures = [];
  const same = (what, a, b) => {
    if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape) || !mx.arrayEqual(a, b).item())
      failures.push(what + ' ' + a.dtype.name + ' ' + a.shape + ' / ' + b.shape);
  };
  // Whole numbers, of which every order of adding gives the same sum.
  const values = (shape, dtype, of) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const numbers = mx.remainder(mx.arange(count).multiply(7 + 2 * of), 11);
    return numbers.astype(mx[dtype]).reshape(shape);
  };
  const calls = mx.distributed;
  let combined = 0;
  for (const dtype of dtypes)
    for (const shape of shapes) {
      const all = Array.from({ length: size }, (_, of) => values(shape, dtype, of));
      const own = all[rank];
      same('allSum', calls.allSum(own), all.reduce((a, b) => mx.add(a, b)));
      same('allMax', calls.allMax(own), all.reduce((a, b) => mx.maximum(a, b)));
      same('allMin', calls.allMin(own), all.reduce((a, b) => mx.minimum(a, b)));
      same('allGather', calls.allGather(own), shape.length ? mx.concatenate(all) : mx.stack(all));
      combined += 4;
      if (shape.length === 0) continue;
      const whole = [shape[0] * size, ...shape.slice(1)];
      const sum = Array.from({ length: size }, (_, of) => values(whole, dtype, of))
        .reduce((a, b) => mx.add(a, b));
      same('sumScatter', calls.sumScatter(values(whole, dtype, rank)),
        mx.split(sum, size)[rank]);
      // Around the ring, in a dtype and a shape that the receiver knows.
      const next = (rank + 1) % size, before = (rank + size - 1) % size;
      const send = () => mx.eval(calls.send(own, next));
      const receive = () => same('recv', shape.length % 2 ? calls.recv(shape, mx[dtype], before)
        : calls.recvLike(own, before), all[before]);
      if (rank % 2 === 0) { send(); receive(); } else { receive(); send(); }
      combined += 2;
    }
  // Groups of groups, in other orders.
  const half = world.split(rank % 2, size - rank);
  same('split', calls.allGather(mx.array([rank]), { group: half }),
    mx.array(Array.from({ length: size / 2 }, (_, i) => size - 2 + (rank % 2) - 2 * i)));
  // Gradients of a loss that every process has.
  const loss = (x) => mx.sum(mx.square(calls.allSum(x)));
  same('gradient', mx.grad(loss)(mx.array([1, 2])), mx.array([2 * size, 4 * size]));
  return [failures, combined];
`;

describe('calls of several processes', () => {
  // Started by mlx-launch alone they talk by TCP.
  test.each<[number, LaunchSettings]>([
    [2, {}],
    [4, {}],
    [4, { backend: 'any', launchBy: 'nccl' }],
  ])(
    'of every dtype and odd sizes in %i: %j',
    async (count, settings) => {
      const { results, errors, code } = await runProcesses(count, everyCall, settings);
      expect(errors).toBe('');
      for (const result of results) expect(result).toEqual([[], 14 * (7 * 4 + 6 * 2)]);
      expect(code).toBe(0);
    },
    60_000,
  );

  test('leave the thread free while others are awaited', async () => {
    const { results } = await runProcesses(
      2,
      `
      let ticks = 0;
      const timer = setInterval(() => ticks++, 10);
      if (rank === 1) await new Promise((resolve) => setTimeout(resolve, 500));
      const sum = mx.distributed.allSum(mx.array(1));
      await mx.asyncEval(sum);
      clearInterval(timer);
      return [sum.item(), ticks > 10];`,
    );
    expect(results[0]).toEqual([2, true]);
  }, 60_000);
});
