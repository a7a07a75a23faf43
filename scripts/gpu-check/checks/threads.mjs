// Worker threads compute on the card at the same time, and one of them may be ended at any moment.
import { mx } from './packages.mjs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { check, expect } from './check.mjs';

function compute(seed) {
  mx.setDefaultDevice(mx.gpu);
  let x = mx.full([1000], seed);
  for (let i = 0; i < 200; i++) {
    x = x.multiply(0.5).add(1);
    mx.asyncEval(x);
  }
  return x.index(999).item();
}

if (isMainThread) {
  const self = fileURLToPath(import.meta.url);
  await check('worker threads', async () => {
    const values = [0, 1, 2, 3].map(
      (seed) =>
        new Promise((resolve, reject) => {
          new Worker(self, { workerData: { seed } }).on('message', resolve).on('error', reject);
        }),
    );
    expect(Math.abs(compute(4) - 2) < 1e-6, 'the main thread has another value');
    for (const value of await Promise.all(values))
      expect(Math.abs(value - 2) < 1e-6, `a worker has ${value}`);
  });
  await check('a worker that is ended while it computes', async () => {
    for (let i = 0; i < 5; i++) {
      const worker = new Worker(self, { workerData: { endless: true } });
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    }
    expect(Math.abs(compute(4) - 2) < 1e-6, 'the main thread has another value');
  });
} else if (workerData.endless) {
  compute(1);
  parentPort.postMessage('begun');
  for (;;) compute(1);
} else {
  parentPort.postMessage(compute(workerData.seed));
}
