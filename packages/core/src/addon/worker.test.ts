import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as mx from '../index';

const library = join(__dirname, '..', '..', 'dist', 'index.js');

function runWorker(body: string): Promise<unknown> {
  const script = `
    const { parentPort } = require('node:worker_threads');
    const mx = require(${JSON.stringify(library)});
    (async () => parentPort.postMessage(await (async () => {${body}})()))();`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { eval: true });
    let message: unknown;
    worker.on('message', (value) => (message = value));
    worker.on('error', reject);
    worker.on('exit', () => resolve(message));
  });
}

describe('worker threads', () => {
  test('each has the library for itself', async () => {
    const results = await Promise.all(
      [1, 2, 3].map((n) =>
        runWorker(`
          let a = mx.full([256, 256], ${n});
          for (let i = 0; i < 20; i++) { a = a.add(1); await mx.asyncEval(a); }
          return a.index(0, 0).item();`),
      ),
    );
    expect(results).toEqual([21, 22, 23]);
  });

  test('random states are their own', async () => {
    const draw = 'mx.random.seed(3); return mx.random.uniform(0, 1, [4]).tolist();';
    const [a, b] = await Promise.all([runWorker(draw), runWorker(draw)]);
    expect(a).toEqual(b);
  });

  test('one that ends with work in flight ends cleanly', async () => {
    const result = await runWorker(`
      const a = mx.random.normal([1024, 1024]);
      void mx.asyncEval(a.matmul(a));
      return 'left';`);
    expect(result).toBe('left');
  });

  test('one that is terminated ends cleanly', async () => {
    const script = `
      const mx = require(${JSON.stringify(library)});
      for (;;) mx.eval(mx.ones([256, 256]).add(1));`;
    const worker = new Worker(script, { eval: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await worker.terminate()).toBe(1);
  });

  test('many that are started and ended under load leave nothing behind', async () => {
    const script = `
      const { parentPort } = require('node:worker_threads');
      const mx = require(${JSON.stringify(library)});
      const a = mx.random.normal([256, 256]);
      parentPort.postMessage('at work');
      for (;;) mx.eval(a.matmul(a).add(mx.ones([256, 1024]).sum()));`;
    const startAndEnd = async (): Promise<void> => {
      const worker = new Worker(script, { eval: true });
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      expect(await worker.terminate()).toBe(1);
    };
    const endMany = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 4) await Promise.all(Array.from({ length: 4 }, startAndEnd));
    };
    await endMany(12);
    const before = process.memoryUsage.rss();
    await endMany(24);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
    expect(mx.ones([4]).sum().item()).toBe(4);
  }, 60_000);
});
