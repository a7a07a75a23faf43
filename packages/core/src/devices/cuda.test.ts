import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The engine's CUDA code under a driver and a compiler that know no card (native/fake_cuda): what
// kernels compute is of no interest here, what goes wrong around them is.

const library = join(__dirname, '..', '..', 'dist', 'index.js');
const release = join(__dirname, '..', '..', '..', '..', 'native', 'build', 'Release');
const folder = mkdtempSync(join(tmpdir(), 'mlx-fake-cuda-'));
// Under the names by which they are looked for, which nobody else must find.
const libraries = join(folder, 'libraries');
mkdirSync(libraries);
symlinkSync(join(release, 'fake_cuda.so'), join(libraries, 'libcuda.so.1'));
symlinkSync(join(release, 'fake_nvrtc.so'), join(libraries, 'libnvrtc.so.13'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  printed: string;
  errors: string;
  /** Lines of the driver and the compiler: "driver", "compile", "module". */
  log: string[];
}

/** Runs a script, with kernels cached in a folder of its own unless one is named. */
function run(body: string, settings: Record<string, string> = {}): Ended {
  const log = join(folder, `log-${++runs}`);
  const script = `const mx = require(${JSON.stringify(library)});
    const says = (f) => { try { return f(); } catch (e) { return e.name + ' ' + e.message; } };
    (async () => { ${body} })();`;
  const child = spawnSync(process.execPath, ['--expose-gc', '-e', script], {
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: libraries,
      MLX_KERNEL_CACHE: join(folder, `kernels-${runs}`),
      MLX_CUBLASLT: '0',
      FAKE_CUDA_LOG: log,
      ...settings,
    },
  });
  return {
    code: child.status,
    signal: child.signal,
    printed: child.stdout.trim(),
    errors: child.stderr,
    log: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [],
  };
}

/** What a script prints, which must end well. */
function printed(body: string, settings: Record<string, string> = {}): string {
  const ended = run(body, settings);
  expect([ended.errors, ended.code, ended.signal]).toEqual(['', 0, null]);
  return ended.printed;
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;
const computeOnCpu = `mx.add(mx.ones([2], mx.float32, mx.cpu), 1, mx.cpu).tolist().join()`;

onLinux('CUDA', () => {
  test('importing the package and computing on the CPU touch no driver', () => {
    const { code, log } = run(`${computeOnCpu};`);
    expect([code, log]).toEqual([0, []]);
  });

  test('a card is found, described and used', () => {
    const report = printed(`
      const info = mx.cuda.deviceInfo();
      mx.setDefaultDevice(mx.gpu);
      const a = mx.arange(6).reshape(2, 3).add(1).matmul(mx.ones([3, 2]));
      mx.eval(a);
      console.log(mx.cuda.isAvailable(), info.device_name, info.architecture, a.tolist().length);`);
    expect(report).toBe('true fake card sm_90a 2');
  });

  test.each([
    ['too old', { FAKE_CUDA_VERSION: '11040' }, 'supports CUDA 11.4, and CUDA 12.0 is needed'],
    ['without a device', { FAKE_CUDA_INIT: '100' }, 'the NVIDIA driver finds no device'],
    ['with no devices', { FAKE_CUDA_DEVICES: '0' }, 'the NVIDIA driver finds no device'],
    ['that does not start', { FAKE_CUDA_INIT: '999' }, 'a fake error (CUDA_ERROR_FAKE)'],
  ])('a driver %s is told in a sentence, and the CPU computes', (_, settings, sentence) => {
    const report = printed(
      `console.log(mx.cuda.isAvailable(), says(() => mx.setDefaultDevice(mx.gpu)));
       console.log(${computeOnCpu});`,
      settings,
    );
    expect(report).toContain('[setDefaultDevice] Device(gpu, 0) is not available: ');
    expect(report).toMatch(/^false/);
    expect(report).toContain(sentence);
    expect(report).toMatch(/2,2$/);
  });

  test('MLX_DEVICE=gpu without a card is told when something is computed', () => {
    const ended = run(`console.log(says(() => mx.ones([2]).tolist()));`, {
      MLX_DEVICE: 'gpu',
      FAKE_CUDA_DEVICES: '0',
    });
    expect(ended.signal).toBe(null);
    expect(ended.printed + ended.errors).toContain('the NVIDIA driver finds no device');
  });

  test.each([
    ['is missing', { MLX_NVRTC: '/nowhere/libnvrtc.so' }, 'there is no CUDA compiler'],
    ['refuses a kernel', { FAKE_NVRTC_STATUS: '6' }, 'refused on purpose'],
  ])('a compiler that %s is told with the kernel, and all goes on', (_, settings, sentence) => {
    const report = printed(
      `mx.setDefaultDevice(mx.gpu);
       const a = mx.ones([8]).exp();
       for (let i = 0; i < 3; i++) console.log(says(() => mx.eval(a)));
       await mx.asyncEval(mx.ones([8]).sin()).catch((e) => console.log(e.name, e.message));
       console.log(${computeOnCpu});`,
      settings,
    );
    const lines = report.split('\n').filter((line) => line.startsWith('EngineError'));
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toContain('The kernel elementwise');
    expect(report).toContain(sentence);
    expect(report).toMatch(/2,2$/);
  });

  test('a full card collects, then refuses, and goes on', () => {
    const report = printed(
      `mx.setDefaultDevice(mx.gpu);
       for (let i = 0; i < 200; i++) mx.eval(mx.ones([1 << 20]).add(i));
       const held = [];
       const why = says(() => { for (;;) { held.push(mx.ones([1 << 20]).add(1)); mx.eval(held); } });
       held.length = 0;
       mx.eval(mx.ones([1 << 20]).add(1));
       console.log(why);`,
      { FAKE_CUDA_MEMORY: String(128 << 20) },
    );
    expect(report).toMatch(
      /^EngineError \[\w+\] The GPU is out of memory: asked for 4194304 bytes/,
    );
    expect(report).toContain('raise the limit');
  });

  test('a card that is lost loses its arrays only, and the process lives', () => {
    const report = printed(
      `const kept = mx.array([1, 2, 3]);
       mx.setDefaultDevice(mx.gpu);
       const why = says(() => { for (;;) mx.eval(mx.ones([4]).exp()); });
       console.log(why);
       console.log(says(() => mx.eval(mx.ones([4]).sin())));
       await mx.asyncEval(mx.ones([4]).cos()).catch((e) => console.log(e.name, e.message));
       console.log(mx.add(kept, 1, mx.cpu).tolist().join());`,
      { FAKE_CUDA_LAUNCHES: '20:700' },
    );
    const lines = report.split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines.slice(0, 3)) {
      expect(line).toMatch(/^EngineError/);
      expect(line).toContain(
        'an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)',
      );
    }
    expect(lines[3]).toBe('2,3,4');
  });

  test('a second process compiles nothing; a folder that cannot be written does no harm', () => {
    const body = `mx.setDefaultDevice(mx.gpu); mx.eval(mx.ones([8]).exp().sum());`;
    const cache = join(folder, 'kernels-shared');
    const [first, second] = [
      run(body, { MLX_KERNEL_CACHE: cache }),
      run(body, { MLX_KERNEL_CACHE: cache }),
    ];
    expect(first.log).toContain('compile');
    expect(second.log).not.toContain('compile');
    expect(second.log.filter((line) => line === 'module').length).toBeGreaterThan(0);
    const third = run(body, { MLX_KERNEL_CACHE: '/proc/nowhere' });
    expect([third.code, third.log.includes('compile')]).toEqual([0, true]);
  });

  test.each(['process.exit(3)', 'throw new Error("on purpose")', 'worker'])(
    'the process ends by %s while kernels are compiled',
    (ending) => {
      const begin = Date.now();
      const work = `
        mx.setDefaultDevice(mx.gpu);
        const chain = (i) => mx.ones([8]).exp().add(i).sin();
        for (let i = 0; i < 3; i++) mx.eval(chain(i));
        for (let i = 0; i < 3; i++) mx.asyncEval(mx.ones([8]).cos().add(i).sin().exp());`;
      const ended =
        ending === 'worker'
          ? run(
              `const { Worker } = require('node:worker_threads');
               const worker = new Worker(
                 'const mx = require(' + JSON.stringify(${JSON.stringify(library)}) + ');' +
                 ${JSON.stringify(work)}, { eval: true });
               worker.on('online', () => setTimeout(() => worker.terminate(), 100));
               worker.on('exit', () => process.exit(3));`,
              { FAKE_NVRTC_MS: '300' },
            )
          : run(`${work} setTimeout(() => { ${ending}; }, 50);`, { FAKE_NVRTC_MS: '300' });
      expect(ended.signal).toBe(null);
      expect(ended.code).toBe(ending.startsWith('throw') ? 1 : 3);
      expect(Date.now() - begin).toBeLessThan(20_000);
    },
  );

  test.each(['0', '1'])('a long loop holds no memory (events instead of writes: %s)', (events) => {
    const report = printed(
      `mx.setDefaultDevice(mx.gpu);
       const step = (a) => a.multiply(0.5).add(1);
       let a = mx.ones([64]);
       const loop = (steps) => { for (let i = 0; i < steps; i++) mx.asyncEval((a = step(a))); mx.synchronize(); };
       loop(20_000);
       gc();
       const before = process.memoryUsage.rss();
       loop(60_000);
       gc();
       console.log((process.memoryUsage.rss() - before) / 2 ** 20, mx.getActiveMemory() / 2 ** 20);`,
      { FAKE_CUDA_NO_WRITES: events },
    );
    const [grown, active] = report.split(' ').map(Number);
    expect(grown).toBeLessThan(60);
    expect(active).toBeLessThan(20);
  });

  test('a graph whose values are kept now and then makes few kernels', () => {
    const { code, log } = run(
      `mx.setDefaultDevice(mx.gpu);
       const keep = [];
       for (let i = 0; i < 60; i++) {
         let y = mx.ones([8]);
         for (let k = 0; k < 40; k++) {
           y = y.add(1);
           if ((k * 7 + i * 13) % 11 === 0) keep.push(y);
         }
         mx.eval(y);
         keep.length = 0;
       }`,
    );
    expect(code).toBe(0);
    expect(log.filter((line) => line === 'compile').length).toBeLessThan(60);
  });

  test('worker threads use the card at the same time', () => {
    const report = printed(`
      const { Worker } = require('node:worker_threads');
      const body = 'const mx = require(' + ${JSON.stringify(JSON.stringify(library))} + ');' +
        'mx.setDefaultDevice(mx.gpu);' +
        'for (let i = 0; i < 200; i++) mx.eval(mx.ones([100]).add(i).sum());';
      const codes = await Promise.all(Array.from({ length: 4 }, () => new Promise((resolve) =>
        new Worker(body, { eval: true }).on('exit', resolve))));
      console.log(codes.join());`);
    expect(report).toBe('0,0,0,0');
  });
});
