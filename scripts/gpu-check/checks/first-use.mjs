// How long the first evaluation on the card takes in a process.
import { mx } from './packages.mjs';
import { check, expect } from './check.mjs';

const [how] = process.argv.slice(2);
await check(`first use, ${how}`, () => {
  expect(mx.cuda.isAvailable() || process.env.MLX_TEST_GPU_LIBRARY, 'there is no CUDA');
  const counted = performance.now();
  mx.isAvailable(mx.gpu);
  const begin = performance.now();
  mx.setDefaultDevice(mx.gpu);
  expect(mx.array([1, 2]).add(1).tolist().join() === '2,3', 'another sum');
  const end = performance.now();
  if (how === 'cold') console.log(JSON.stringify(mx.deviceInfo(mx.gpu)));
  console.log(
    `first use ${how}: driver ${(begin - counted).toFixed(0)} ms, ` +
      `context and one kernel ${(end - begin).toFixed(0)} ms`,
  );
});
