import { runProcesses } from './processes.test-support';

// What a process that dies, hangs or makes another call does to the others: an error in time, in a
// process that lives on.

const limit = 4;

/** A process ends itself or hangs; the others tell how long their call took and its error. */
function fault(victimDoes: string, call = 'mx.distributed.allSum(mx.ones([4]))'): string {
  return `
    mx.distributed.init({ timeout: ${limit} });
    mx.eval(mx.distributed.allSum(mx.array(1)));
    if (rank === size - 1) { ${victimDoes} }
    const start = performance.now();
    let message = '';
    try { await mx.asyncEval(${call}); } catch (error) { message = error.name + ' ' + error.message; }
    const seconds = (performance.now() - start) / 1000;
    const later = mx.add(1, 2).item();
    return [seconds, message, later];`;
}

function expectFailure(result: unknown, from: number, to: number, text: RegExp): void {
  const [seconds, message, later] = result as [number, string, number];
  expect(message).toMatch(text);
  expect(seconds).toBeGreaterThanOrEqual(from);
  expect(seconds).toBeLessThan(to);
  expect(later).toBe(3);
}

describe('a process that', () => {
  test('is killed makes all others reject in time', async () => {
    const { results, code, errors } = await runProcesses(
      3,
      fault("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});"),
    );
    for (const result of results.slice(0, 2))
      expectFailure(
        result,
        limit - 0.1,
        10,
        /^EngineError \[distributed.allSum\] .*rank 2 did not/,
      );
    expect(results[2]).toBeUndefined();
    expect(errors).toContain('rank 2 was ended by signal 9');
    expect(code).toBe(137);
  }, 60_000);

  test('is killed is noticed at once by TCP', async () => {
    const { results, code, errors } = await runProcesses(
      3,
      fault("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});"),
      { backend: 'any', launchBy: 'nccl' },
    );
    for (const result of results.slice(0, 2))
      expectFailure(
        result,
        0,
        limit - 1,
        /^EngineError \[distributed.allSum\] .*incomplete: rank 2 has ended/,
      );
    expect(errors).toContain('rank 2 was ended by signal 9');
    expect(code).toBe(137);
  }, 60_000);

  test('is stopped makes all others reject in time', async () => {
    const { results } = await runProcesses(
      3,
      // Something has to continue it, or it would never end.
      fault(`require('node:child_process').spawn('sh',
        ['-c', 'sleep 8; kill -CONT ' + process.pid], { stdio: 'ignore', detached: true }).unref();
        process.kill(process.pid, 'SIGSTOP');`),
    );
    for (const result of results.slice(0, 2))
      expectFailure(result, limit - 0.1, 10, /rank 2 did not come/);
  }, 60_000);

  test('is killed in the middle of a large sum makes all others reject in time', async () => {
    const { results } = await runProcesses(
      2,
      fault(
        `mx.asyncEval(mx.distributed.allSum(mx.ones([1 << 26])));
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), 60); await new Promise(() => {});`,
        'mx.distributed.allSum(mx.ones([1 << 26]))',
      ),
    );
    expectFailure(results[0], limit - 0.1, 15, /rank 1/);
  }, 60_000);

  test('ends makes all others reject at once, and its code is the launcher’s', async () => {
    const { results, code } = await runProcesses(3, fault('process.exit(7);'));
    for (const result of results.slice(0, 2))
      expectFailure(result, 0, limit - 1, /rank 2 has ended/);
    expect(code).toBe(7);
  }, 60_000);

  test('throws ends with its message and makes all others reject at once', async () => {
    const { results, code, errors } = await runProcesses(2, fault("throw new Error('no luck');"));
    expectFailure(results[0], 0, limit - 1, /rank 1 has ended/);
    expect(errors).toMatch(/^\[1\] .*no luck/m);
    expect(code).toBe(1);
  }, 60_000);
});

describe('processes that make different calls', () => {
  const attempt = (call: string): string => `
    const attempt = async (call) => {
      try { await mx.asyncEval(call()); return 'done'; } catch (error) { return error.message; }
    };
    return [await attempt(() => ${call}),
      mx.distributed.allSum(mx.array(1)).item()];`;

  test.each([
    [
      'of other shapes',
      'mx.distributed.allSum(mx.zeros([rank === 1 ? 5 : 4]))',
      /^\[distributed.allSum\] .*ranks 0 and 2 call allSum with float32 \(4\).*rank 1 calls allSum with float32 \(5\)/,
    ],
    [
      'of other dtypes',
      'mx.distributed.allMax(mx.zeros([40000], rank === 1 ? mx.int32 : mx.float32))',
      /rank 1 calls allMax with int32 \(40000\)/,
    ],
    [
      'in another order',
      'rank === 1 ? mx.distributed.allGather(mx.zeros([4])) : mx.distributed.sumScatter(mx.zeros([6]))',
      /ranks 0 and 2 call sumScatter with float32 \(6\).*rank 1 calls allGather with float32 \(4\)/,
    ],
  ])(
    '%s get an error that names them, and can go on',
    async (_, call, text) => {
      const { results, code } = await runProcesses(3, attempt(call));
      expect(code).toBe(0);
      for (const result of results) {
        const [message, sum] = result as [string, number];
        expect(message).toMatch(text);
        expect(sum).toBe(3);
      }
    },
    30_000,
  );
});
