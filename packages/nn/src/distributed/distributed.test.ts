import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import * as mx from '@mlx/core';
import * as nn from '../index';

const core = dirname(createRequire(__filename).resolve('@mlx/core'));
const self = join(__dirname, '..', '..', 'dist');

/** What several processes print that run a script's body, and what its results are by rank. */
async function launch(
  count: number,
  body: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ errors: string; results: unknown[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-processes-'));
  const script = join(folder, 'script.cjs');
  writeFileSync(
    script,
    `const mx = require(${JSON.stringify(core)}), nn = require(${JSON.stringify(self)});
    mx.setDefaultDevice(mx.cpu);
    const group = mx.distributed.init(true, 'mpi', { timeout: 30 });
    const rank = group.rank(), size = group.size();
    const far = (a, b) => mx.max(mx.abs(mx.subtract(a, b))).item();
    console.log('result: ' + JSON.stringify((() => {${body}})()));`,
  );
  const line = [join(core, 'launch', 'cli.js'), '-n', String(count), script];
  const launcher = spawn(process.execPath, line, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  let errors = '';
  launcher.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  launcher.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = await new Promise((resolve) => launcher.on('close', resolve));
  rmSync(folder, { recursive: true });
  expect([code, code === 0 ? '' : errors]).toEqual([0, '']);
  const results: unknown[] = [];
  for (const [, rank, json] of output.matchAll(/^\[(\d+)\] result: (.*)$/gm))
    results[Number(rank)] = JSON.parse(json!) as unknown;
  expect(results).toHaveLength(count);
  return { errors, results };
}

/** Runs a script's body in several processes; what it returns comes back by rank. */
async function runProcesses(count: number, body: string): Promise<unknown[]> {
  const { errors, results } = await launch(count, body, {});
  expect(errors).toBe('');
  return results;
}

describe('averageGradients', () => {
  test('gives the mean, in buckets of one dtype', async () => {
    const results = await runProcesses(
      2,
      `
      let calls = 0;
      const gradients = { a: mx.array([rank, 2]), list: [mx.array([[4 * rank]]),
        mx.array([1 + rank], mx.float16)], b: mx.ones([3]).multiply(rank) };
      const plain = (tree) => JSON.stringify(mx.treeMap((leaf) => leaf.tolist(), tree));
      return [plain(nn.averageGradients(gradients)),
        plain(nn.averageGradients(gradients, { allReduceSize: 0 })),
        plain(nn.averageGradients(gradients, { allReduceSize: 10 })),
        plain(nn.averageGradients(gradients, group, 1e6, mx.newStream(mx.cpu))),
        nn.averageGradients(gradients).list[1].dtype.name];`,
    );
    const mean = '{"a":[0.5,2],"list":[[[2]],[1.5]],"b":[0.5,0.5,0.5]}';
    for (const result of results) expect(result).toEqual([mean, mean, mean, mean, 'float16']);
  }, 60_000);

  test('gives the gradients in a group of one', () => {
    const gradients = { a: mx.array([1]) };
    expect(nn.averageGradients(gradients)).toBe(gradients);
    expect(() => nn.averageGradients(3 as never)).toThrow(/^\[averageGradients\] gradients must/);
    expect(() => nn.averageGradients(gradients, 'all' as never)).toThrow(TypeError);
  });
});

describe('averageGradients and the backward pass', () => {
  test('overlap: the last layers are summed while the first are computed', async () => {
    const { errors } = await launch(
      2,
      `
      const [wide, narrow] = [new nn.Linear(768, 768), new nn.Linear(768, 4)];
      const model = new nn.Sequential(wide, wide, wide, wide, narrow);
      const x = mx.random.normal([1024, 768]);
      const [, gradients] = nn.valueAndGrad(model, () => mx.mean(model(x)))();
      const means = nn.averageGradients(gradients, { allReduceSize: 1 });
      const move = (p, g) => mx.subtract(p, g);
      model.update(mx.treeMap(move, model.trainableParameters(), [means]));
      mx.eval(model);
      return rank;`,
      { MLX_DEBUG: '1' },
    );
    for (const rank of [0, 1]) {
      const steps = errors
        .split('\n')
        .filter((line) => line.startsWith(`[${rank}] `) && /AllReduce|Matmul/.test(line));
      const first = steps.findIndex((line) => line.includes('AllReduce'));
      // The bias of the last layer, whose gradient is known first.
      expect(steps[first]).toContain('AllReduce: float32[4]');
      expect(steps.slice(first).filter((line) => line.includes('Matmul')).length).toBeGreaterThan(
        2,
      );
    }
  }, 60_000);
});

describe('divided layers', () => {
  test.each([2, 4])(
    'compute in %i processes what the whole ones do, and their gradients',
    async (count) => {
      const results = await runProcesses(
        count,
        `
        mx.random.seed(3);
        const first = new nn.Linear(128, 512), second = new nn.Linear(512, 64);
        const x = mx.random.normal([4, 128]), y = mx.random.normal([4, 64]);
        const whole = (x) => second(nn.relu(first(x)));
        const [a, b] = [nn.shardLinear(first, 'all-to-sharded'),
          nn.shardLinear(second, 'sharded-to-all')];
        const parts = (x) => b(nn.relu(a(x)));
        const loss = (f) => (x) => nn.losses.mseLoss(f(x), y);
        const errors = [far(whole(x), parts(x))];
        // The gradient of the input, and of the parts of the weights.
        errors.push(far(mx.grad(loss(whole))(x), mx.grad(loss(parts))(x)));
        const [, g] = nn.valueAndGrad(first, loss(whole))(x);
        const [, ga] = nn.valueAndGrad(a, loss(parts))(x);
        errors.push(far(mx.split(g.weight, size)[rank], ga.weight));
        errors.push(far(mx.split(g.bias, size)[rank], ga.bias));
        const [, h] = nn.valueAndGrad(second, loss(whole))(x);
        const [, gb] = nn.valueAndGrad(b, loss(parts))(x);
        errors.push(far(mx.split(h.weight, size, 1)[rank], gb.weight), far(h.bias, gb.bias));
        // Quantised, by the same parts of the same packed weights.
        const [qFirst, qSecond] = [first.toQuantized(), second.toQuantized()];
        const [qa, qb] = [nn.shardLinear(qFirst, 'all-to-sharded'),
          nn.shardLinear(qSecond, 'sharded-to-all')];
        errors.push(far(qSecond(nn.relu(qFirst(x))), qb(nn.relu(qa(x)))));
        errors.push(far(mx.grad(loss((x) => qSecond(qFirst(x))))(x),
          mx.grad(loss((x) => qb(qa(x))))(x)));
        // Three joined maps, each divided by itself.
        const joined = new nn.Linear(8, 3 * 4 * size), own = new nn.Linear(8, 3 * 4 * size);
        own.update(joined.parameters());
        nn.shardInplace(own, 'all-to-sharded', { segments: 3 });
        const z = mx.random.normal([2, 8]);
        const third = mx.concatenate(mx.split(joined(z), 3, 1)
          .map((part) => mx.split(part, size, 1)[rank]), 1);
        errors.push(far(third, own(z)));
        return [errors.map((error) => error < 1e-5), String(a), String(qb)];`,
      );
      for (const result of results)
        expect(result).toEqual([
          new Array(9).fill(true),
          'AllToShardedLinear(inputDims=128, outputDims=512, bias=true)',
          "QuantizedShardedToAllLinear(inputDims=512, outputDims=64, bias=true, groupSize=64, bits=4, mode='affine')",
        ]);
    },
    60_000,
  );

  test('are whole in a group of one', () => {
    const layer = new nn.Linear(64, 4);
    const x = mx.random.normal([3, 64]);
    for (const sharding of ['all-to-sharded', 'sharded-to-all'] as const) {
      const part = nn.shardLinear(layer, sharding as 'all-to-sharded');
      expect(part(x).tolist()).toEqual(layer(x).tolist());
      const quantized = layer.toQuantized() as nn.QuantizedLinear;
      const quantizedPart = nn.shardLinear(quantized, sharding as 'all-to-sharded');
      expect(quantizedPart(x).tolist()).toEqual(quantized(x).tolist());
      expect(quantizedPart.unfreeze().trainableParameters()).not.toHaveProperty('weight');
    }
    expect(() => nn.shardLinear(layer, 'sideways' as never)).toThrow(/^\[shardLinear\] /);
    expect(() => nn.shardLinear(new nn.ReLU() as never, 'all-to-sharded')).toThrow(TypeError);
  });
});

describe('wrong arguments', () => {
  test.each([
    [() => nn.clipGradNormSharded([1, 2], 1), 'clipGradNormSharded'],
    [() => nn.averageGradients({ a: 1 }), 'averageGradients'],
  ])('leaves that are no arrays are named', (call, name) => {
    expect(call).toThrow(new RegExp(`^\\[${name}\\] gradients must be a tree of arrays, but `));
  });

  test.each([
    true,
    'x',
    1.5,
    NaN,
    [],
    [0],
    [0, [1, 'a']],
    [0, 0],
    [0, 1e12],
    {},
    () => 0,
    5,
    [9, 2],
  ])('a rule that gives %p is refused', (given) => {
    const layer = new nn.Linear(4, 6);
    const { shape } = layer.weight;
    expect(() => nn.shardInplace(layer, () => given as number)).toThrow(/^\[shardInplace\] /);
    expect(layer.weight.shape).toEqual(shape);
  });
});

describe('data-parallel training', () => {
  // The same steps with averaged gradients and with divided parameters.
  const train = `
    const images = mx.random.normal([64, 20], { key: mx.random.key(1) });
    const labels = mx.random.randint(0, 10, [64], { key: mx.random.key(2) });
    const make = () => {
      mx.random.seed(7);
      return new nn.Sequential(new nn.Linear(20, 32), new nn.ReLU(), new nn.Linear(32, 16));
    };
    const curveOf = (model, finish) => {
      const step = nn.valueAndGrad(model, (x, y) => mx.mean(nn.losses.crossEntropy(model(x), y)));
      return Array.from({ length: 20 }, (_, i) => {
        const begin = (i % 4) * 16, share = 16 / size;
        const range = \`\${begin + rank * share}:\${begin + (rank + 1) * share}\`;
        const [loss, gradients] = step(images.index(range), labels.index(range));
        const update = (p, g) => mx.subtract(p, mx.multiply(g, 0.1));
        model.update(mx.treeMap(update, model.trainableParameters(), [finish(gradients)]));
        return mx.divide(mx.distributed.allSum(loss), size).item();
      });
    };
    return [curveOf(make(), (gradients) => nn.averageGradients(gradients)),
      curveOf(nn.fullyShard(make()), (gradients) => nn.clipGradNormSharded(gradients, 1e6)[0])];`;

  test('gives the loss curve of one process with the whole batch, the same each time', async () => {
    const [[alone]] = (await runProcesses(1, train)) as [[number[], number[]]];
    expect(alone.at(-1)!).toBeLessThan(alone[0]! - 0.1);
    for (const count of [2, 4]) {
      const results = (await runProcesses(count, train)) as [number[], number[]][];
      for (const curves of results) {
        for (const curve of curves)
          curve.forEach((loss, step) => expect(loss).toBeCloseTo(alone[step]!, 5));
        // To the bit on all, and in another run.
        expect(curves).toEqual(results[0]);
      }
      if (count === 2) expect(await runProcesses(count, train)).toEqual(results);
    }
  }, 120_000);
});

describe('fullyShard', () => {
  test('keeps a part of each parameter, gathers them and gives parts of gradients', async () => {
    const results = await runProcesses(
      2,
      `
      mx.random.seed(5);
      const table = new nn.Embedding(8, 6), same = new nn.Embedding(8, 6);
      same.update(table.parameters());
      const parted = nn.fullyShard(table, { computeDtype: mx.float16 });
      const x = mx.random.normal([2, 6]);
      const scalar = new nn.Linear(2, 2);
      scalar.extra = mx.array(1);
      const message = (f) => { try { f(); return ''; } catch (error) { return error.message; } };
      const [, norm] = nn.clipGradNormSharded({ g: mx.array([rank === 0 ? 3 : 4]) }, 1);
      return [parted.module.weight.shape, parted(mx.array([7], mx.int32)).dtype.name,
        far(parted.asLinear(x), same.asLinear(x)) < 0.01, norm.item(),
        message(() => nn.fullyShard(scalar)), message(() => nn.fullyShard(new nn.Linear(2, 3)))];`,
    );
    for (const result of results)
      expect(result).toEqual([
        [4, 6],
        'float16',
        true,
        5,
        expect.stringMatching(/^\[fullyShard\] The scalar extra/),
        expect.stringMatching(/^\[fullyShard\] weight has 3 entries along axis 0/),
      ]);
  }, 60_000);

  test('clips as one process does in a group of one', () => {
    const [clipped, norm] = nn.clipGradNormSharded({ w: mx.array([3, 4], mx.float16) }, 1);
    expect(norm.item()).toBe(5);
    expect(clipped.w.dtype).toBe(mx.float16);
    expect(clipped.w.tolist<number[]>()[1]).toBeCloseTo(0.8, 3);
  });
});
