import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// Metal on the fake of Apple's API, in processes of their own: what a Mac does as it starts.
const core = join(__dirname, '..', '..');
const library = join(core, '..', '..', 'native', 'build', 'Release', 'mlx_test_gpu.node');

/** What a script returns, and what its process printed as errors. */
function runOnFake(
  body: string,
  env: Record<string, string> = {},
): { result: Record<string, unknown>; errors: string } {
  const script = `
    const mx = require(${JSON.stringify(join(core, 'dist', 'index.js'))});
    (async () => console.log(JSON.stringify(await (async () => {${body}})())))();`;
  const fake = { MLX_TEST_GPU_LIBRARY: library, MLX_TEST_GPU: 'metal', MLX_DEVICE: '' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { ...process.env, ...fake, ...env },
  });
  return { result: JSON.parse(stdout) as Record<string, unknown>, errors: stderr };
}

const asOnAMac = { MLX_TEST_GPU_DEFAULT: '1' };
const computed = `{
  device: String(mx.defaultDevice()),
  sum: mx.softmax(mx.zeros([4])).sum().item(),
  selfTest: mx.metal.deviceInfo().self_test,
}`;

test('Metal is the default device where its self-test agrees', () => {
  const { result, errors } = runOnFake(`return ${computed};`, asOnAMac);
  expect(result).toEqual({ device: 'Device(gpu, 0)', sum: 1, selfTest: 'passed' });
  expect(errors).toBe('');
});

test('where it does not agree all is computed on the CPU, and the reason is said once', () => {
  const { result, errors } = runOnFake(
    `const { Worker } = require('node:worker_threads');
    const ofWorker = await new Promise((resolve, reject) =>
      new Worker(
        \`const mx = require(\${JSON.stringify(require.resolve(${JSON.stringify(join(core, 'dist', 'index.js'))}))});
        require('node:worker_threads').parentPort.postMessage(String(mx.defaultDevice()));\`,
        { eval: true },
      ).on('message', resolve).on('error', reject));
    let message = '';
    try {
      mx.setDefaultDevice(mx.gpu);
    } catch (error) {
      message = error.message;
    }
    return { ...${computed}, ofWorker, message };`,
    { ...asOnAMac, MLX_FAKE_METAL: 'wrong=softmax' },
  );
  const reason = 'the GPU computed wrong results: softmax';
  expect(result).toEqual({
    device: 'Device(cpu, 0)',
    sum: 1,
    selfTest: reason,
    ofWorker: 'Device(cpu, 0)',
    message: `[setDefaultDevice] Device(gpu, 0) is not available: ${reason}.`,
  });
  expect(errors).toBe(`mlx: Metal is not used, all is computed on the CPU: ${reason}.\n`);
});

test('MLX_DEVICE=cpu asks for no self-test', () => {
  const { result, errors } = runOnFake(
    `return { device: String(mx.defaultDevice()), sum: mx.ones([3]).sum().item() };`,
    { ...asOnAMac, MLX_DEVICE: 'cpu', MLX_FAKE_METAL: 'wrong=softmax' },
  );
  expect(result).toEqual({ device: 'Device(cpu, 0)', sum: 3 });
  expect(errors).toBe('');
});

test('arrays cross between CPU and GPU without a copy', () => {
  const { result } = runOnFake(`
    const count = 2 ** 24;
    const on = (device, run) => {
      const scope = mx.stream(device);
      const result = run();
      mx.eval(result);
      scope[Symbol.dispose]();
      return result;
    };
    on(mx.gpu, () => mx.ones([4]).add(1));
    on(mx.cpu, () => mx.ones([4]).add(1));
    const before = process.memoryUsage.rss();
    const a = on(mx.cpu, () => mx.arange(count).astype(mx.float32));
    const b = on(mx.gpu, () => mx.stopGradient(a).reshape([2, count / 2]).max(0));
    const c = on(mx.cpu, () => b.add(1));
    const d = on(mx.gpu, () => c.max());
    const arrays = (process.memoryUsage.rss() - before) / (4 * count);
    return { largest: d.item(), arrays };`);
  expect(result.largest).toBe(2 ** 24);
  // The array and two halves of it, and what it was made of.
  expect(result.arrays).toBeLessThan(3.2);
});
