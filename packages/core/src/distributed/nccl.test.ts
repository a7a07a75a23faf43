import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcesses, type Launched, type LaunchSettings } from './processes.test-support';

// GPUs that exchange values, under a driver and an NCCL that know no card (native/fake_cuda): all
// but what kernels compute, which is for cards (scripts/gpu-check).

const release = join(__dirname, '..', '..', '..', '..', 'native', 'build', 'Release');
const folder = mkdtempSync(join(tmpdir(), 'mlx-fake-nccl-'));
const libraries = join(folder, 'libraries');
mkdirSync(libraries);
for (const [file, name] of [
  ['fake_cuda', 'libcuda.so.1'],
  ['fake_nvrtc', 'libnvrtc.so.13'],
  ['fake_nccl', 'libnccl.so.2'],
] as const)
  symlinkSync(join(release, `${file}.so`), join(libraries, name));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;

interface Run extends Launched {
  /** Lines of the libraries: "driver", "nccl". */
  log: string[];
}

async function run(count: number, body: string, settings: LaunchSettings = {}): Promise<Run> {
  const log = join(folder, `log-${++runs}`);
  const launched = await runProcesses(count, body, {
    backend: 'nccl',
    ...settings,
    environment: {
      LD_LIBRARY_PATH: libraries,
      MLX_KERNEL_CACHE: join(folder, 'kernels'),
      MLX_CUBLASLT: '0',
      FAKE_CUDA_LOG: log,
      FAKE_CUDA_DEVICES: '4',
      ...settings.environment,
    },
  });
  return { ...launched, log: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [] };
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

/** Values that are compared are computed by the CPU. */
const everyCall = `
  mx.setDefaultDevice(mx.cpu);
  const dtypes = ['bool_', 'uint8', 'uint16', 'uint32', 'uint64', 'int8', 'int16', 'int32', 'int64',
    'float16', 'bfloat16', 'float32', 'complex64'];
  const shapes = [[], [0], [1], [7], [3, 5], [4001], [31, 1013]];
  // Those that NCCL has not, or not in the engine's way, are combined by kernels.
  const floating = (dtype) => /float|complex/.test(dtype);
  const byKernels = (name, dtype) => /int16/.test(dtype) || (/M/.test(name) && floating(dtype));
  const failures = [];
  let compared = 0;
  const same = (name, a, b) => {
    compared++;
    mx.eval(a);
    if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape) ||
      !(byKernels(name, a.dtype.name) || mx.arrayEqual(a, b).item()))
      failures.push(name + ' ' + a.dtype.name + ' ' + a.shape + ' / ' + b.shape);
  };
  // Whole numbers, of which every order of adding gives the same sum.
  const values = (shape, dtype, of) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const numbers = mx.remainder(mx.arange(count).multiply(7 + 2 * of), 11);
    return numbers.astype(mx[dtype]).reshape(shape);
  };
  const calls = mx.distributed;
  for (const dtype of dtypes)
    for (const shape of shapes) {
      const all = Array.from({ length: size }, (_, of) => values(shape, dtype, of));
      const own = all[rank];
      same('allSum', calls.allSum(own), all.reduce((a, b) => mx.add(a, b)));
      same('allMax', calls.allMax(own), all.reduce((a, b) => mx.maximum(a, b)));
      same('allMin', calls.allMin(own), all.reduce((a, b) => mx.minimum(a, b)));
      same('allGather', calls.allGather(own), shape.length ? mx.concatenate(all) : mx.stack(all));
      if (shape.length === 0) continue;
      const whole = [shape[0] * size, ...shape.slice(1)];
      const sum = Array.from({ length: size }, (_, of) => values(whole, dtype, of))
        .reduce((a, b) => mx.add(a, b));
      same('sumScatter', calls.sumScatter(values(whole, dtype, rank)), mx.split(sum, size)[rank]);
      const next = (rank + 1) % size, before = (rank + size - 1) % size;
      const send = () => mx.eval(calls.send(own, next));
      const receive = () => same('recv', calls.recvLike(own, before), all[before]);
      if (rank === 0) { send(); receive(); } else { receive(); send(); }
    }
  const others = world.split(rank === 0 ? 1 : 0, -rank);
  if (others.size() > 1)
    same('split', calls.allSum(mx.array([rank]), { group: others }), mx.array([size * (size - 1) / 2]));
  // The hosts' own calls beside them, which have float64.
  same('cpu', calls.allSum(mx.ones([3]).astype(mx.float64), { stream: mx.cpu }),
    mx.full([3], size).astype(mx.float64));
  let refused = '';
  try { mx.eval(calls.allSum(mx.ones([3]).astype(mx.float64))); } catch (e) { refused = e.message; }
  same('after', calls.allSum(mx.array([1.5])), mx.array([1.5 * size]));
  return [failures, compared, refused, mx.deviceInfo(mx.gpu).device_name];
`;

onLinux('GPUs of several processes', () => {
  test.each<[number, LaunchSettings['launchBy']]>([
    [2, 'nccl'],
    [3, 'nccl'],
    [2, 'mpi'],
  ])(
    'make every call of every dtype and odd sizes: %i by %s',
    async (count, launchBy) => {
      const { results, errors, code } = await run(count, everyCall, { launchBy });
      expect(errors).toBe('');
      for (const [rank, result] of results.entries()) {
        const [failures, compared, refused, card] = result as [string[], number, string, string];
        expect(failures).toEqual([]);
        expect(compared).toBe(13 * (7 * 4 + 6 * 2) + 2 + (count > 2 && rank > 0 ? 1 : 0));
        expect(refused).toMatch(/^\[distributed.allSum\] .* has no float64/);
        expect(card).toBe(rank === 0 ? 'fake card' : `fake card ${rank}`);
      }
      expect(code).toBe(0);
    },
    60_000,
  );

  test.each([
    ['the GPU', 'gpu', true],
    ['the CPU', 'cpu', false],
  ])(
    'are what init takes by itself where the default device is %s',
    async (_, device, isNccl) => {
      const { results, log, errors } = await run(
        2,
        'return mx.distributed.allSum(mx.array([2, 3])).tolist();',
        { backend: 'any', launchBy: 'nccl', environment: { MLX_DEVICE: device } },
      );
      expect(errors).toBe('');
      expect(results).toEqual([
        [4, 6],
        [4, 6],
      ]);
      expect(log.includes('nccl')).toBe(isNccl);
    },
    30_000,
  );

  test('are told from processes without NCCL', async () => {
    const { errors, code } = await run(2, '', {
      environment: { MLX_NCCL_LIBNAME: '/nowhere/libnccl.so' },
    });
    expect(code).toBe(1);
    expect(errors).toContain(
      '[distributed.init] There is no group of processes by the backend "nccl": there is no NCCL (/nowhere/libnccl.so).',
    );
  }, 30_000);

  test('hold no memory in a long loop, and JavaScript runs ahead', async () => {
    const { results, errors } = await run(
      2,
      `let x = mx.ones([1000], mx.float32, mx.cpu);
      mx.eval(x);
      const loop = async (steps) => {
        for (let i = 0; i < steps; i++) {
          const sum = mx.distributed.allMax(x.astype(mx.int32, mx.cpu));
          i % 50 === 0 ? await mx.asyncEval(sum) : mx.asyncEval(sum);
        }
        mx.synchronize();
      };
      const steps = Number(process.env.STEPS ?? 1000);
      await loop(steps);
      globalThis.gc();
      const before = process.memoryUsage.rss();
      await loop(2 * steps);
      globalThis.gc();
      return [(process.memoryUsage.rss() - before) / 2 ** 20, mx.getActiveMemory() / 2 ** 20];`,
      { options: ['--node-arg=--expose-gc'] },
    );
    expect(errors).toBe('');
    for (const result of results) {
      const [grown, active] = result as [number, number];
      expect(grown).toBeLessThan(40);
      expect(active).toBeLessThan(10);
    }
  }, 60_000);
});

type Fault = [
  seconds: number,
  messages: string[],
  again: string,
  size: number,
  kept: readonly number[],
];

onLinux('a GPU’s process that', () => {
  const limit = 3;

  /** The last process does something; the others tell how long their call took, and its error. */
  const fault = (victimDoes: string): string => `
    mx.distributed.init({ timeout: ${limit} });
    const one = mx.ones([4], mx.float32, mx.cpu);
    const kept = mx.distributed.allSum(one);
    mx.eval(kept);
    if (rank === size - 1) { ${victimDoes} }
    const start = performance.now();
    const failure = async (array) => {
      try { await mx.asyncEval(array); } catch (error) { return error.name + ' ' + error.message; }
      return '';
    };
    // What uses the sum is given to the card before that is there.
    const sum = mx.distributed.allSum(one);
    const messages = [await failure(mx.add(sum, 1, mx.gpu)), await failure(sum)];
    const seconds = (performance.now() - start) / 1000;
    const again = await failure(mx.distributed.allSum(one));
    // The card goes on, and has what it had. What it is given until all is broken off fails too.
    let later;
    for (const until = performance.now() + 2000; later === undefined; ) {
      try {
        later = mx.ones([2], mx.float32, mx.gpu);
        mx.eval(later);
      } catch (error) {
        if (performance.now() > until) throw error;
        later = undefined;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    return [seconds, messages, again, later.size, kept.tolist()];`;

  const stop = `require('node:child_process').spawn('sh',
    ['-c', 'sleep ${limit + 4}; kill -CONT ' + process.pid], { stdio: 'ignore', detached: true })
    .unref();`;

  test.each([
    ['is killed', "process.kill(process.pid, 'SIGKILL');", 'nccl', 0, limit, /rank 2 has ended/i],
    [
      'is killed in a call',
      "process.env.FAKE_NCCL_DIES = '2';",
      'nccl',
      0,
      limit,
      /rank 2 has en/i,
    ],
    [
      'is killed in a call, with MPI,',
      "process.env.FAKE_NCCL_DIES = '2';",
      'mpi',
      limit - 0.1,
      10,
      /Within 3 s the GPUs of all processes did not/,
    ],
    [
      'is stopped in a call',
      `${stop} process.env.FAKE_NCCL_HANGS = '2';`,
      'nccl',
      limit - 0.1,
      10,
      /Within 3 s the GPUs of all processes did not/,
    ],
    [
      'waits in the library',
      "process.env.FAKE_NCCL_STUCK = '2';",
      'nccl',
      limit - 0.1,
      10,
      /Within 3 s the GPUs of all processes did not/,
    ],
  ] as const)(
    '%s makes all others reject in time',
    async (_, victimDoes, launchBy, from, to, text) => {
      const { results } = await run(3, fault(victimDoes), { launchBy });
      for (const result of results.slice(0, 2)) {
        const [seconds, messages, again, size, kept] = result as Fault;
        for (const message of messages) {
          expect(message).toMatch(/^EngineError \[distributed.allSum\] /);
          expect(message).toMatch(text);
        }
        expect(seconds).toBeGreaterThanOrEqual(from);
        expect(seconds).toBeLessThan(to);
        expect(again).toContain('The group can be used no more');
        expect([size, kept]).toEqual([2, [3, 3, 3, 3]]);
      }
    },
    60_000,
  );

  test('hears of a broken connection rejects at once', async () => {
    const { results } = await run(2, fault("process.env.FAKE_NCCL_HANGS = '2';" + stop), {
      environment: { FAKE_NCCL_BROKEN: '2' },
    });
    const [seconds, messages] = results[0] as Fault;
    expect(seconds).toBeLessThan(limit);
    expect(messages[0]).toMatch(/The GPUs' exchange broke off: remote process exited/);
  }, 60_000);

  test.each([
    [
      'of other shapes',
      'mx.distributed.allSum(mx.zeros([rank === 1 ? 5 : 4], mx.int32, mx.cpu))',
      /ranks 0 and 2 call allSum with int32 \(4\) on the GPU.*rank 1 calls allSum with int32 \(5\) on the GPU/,
    ],
    [
      'on other devices',
      'mx.distributed.allSum(mx.zeros([4], mx.int32, mx.cpu), { stream: rank === 1 ? mx.cpu : mx.gpu })',
      /ranks 0 and 2 call allSum with int32 \(4\) on the GPU.*rank 1 calls allSum with int32 \(4\) \(/,
    ],
  ])(
    'makes a call %s gets an error that names them, and can go on',
    async (_, call, text) => {
      const { results, code } = await run(
        3,
        `let message = '';
        try { mx.eval(${call}); } catch (error) { message = error.message; }
        return [message, mx.distributed.allSum(mx.ones([1], mx.int32, mx.cpu)).tolist()];`,
      );
      expect(code).toBe(0);
      for (const result of results) {
        const [message, sum] = result as [string, number[]];
        expect(message).toMatch(text);
        expect(sum).toEqual([3]);
      }
    },
    30_000,
  );

  test('sends something else than is received makes both reject', async () => {
    const { results } = await run(
      2,
      `let message = '';
      const x = mx.zeros([4], mx.int32, mx.cpu);
      const call = () => rank === 0 ? mx.distributed.send(x, 1) : mx.distributed.recv([5], mx.int32, 0);
      try { mx.eval(call()); } catch (error) { message = error.message; }
      return [message, mx.distributed.allSum(x.add(1, mx.cpu)).tolist()];`,
    );
    for (const result of results) {
      const [message, sum] = result as [string, number[]];
      expect(message).toMatch(
        /rank 0 calls send with int32 \(4\) on the GPU, but rank 1 calls recv with int32 \(5\)/,
      );
      expect(sum).toEqual([2, 2, 2, 2]);
    }
  }, 30_000);
});
