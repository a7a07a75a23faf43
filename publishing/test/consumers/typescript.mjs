// A strict project with a model of its own, as an ES module and as CommonJS, without Node's types:
// compiled with the oldest TypeScript that is supported and with the present one, and run.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/run.mjs';
import { check, succeed } from '../check.mjs';

const commonJs = `
import mx = require('@mlx/core');
export function total(a: mx.array): number {
  return Number(mx.sum(a).item());
}
`;

const esModule = `
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import * as optim from '@mlx/optimizers';
import { total } from './common.cjs';

class Residual extends nn.Module {
  readonly inner: nn.Linear;
  readonly norm: nn.LayerNorm;

  constructor(readonly width: number) {
    super();
    this.inner = new nn.Linear(width, width);
    this.norm = new nn.LayerNorm(width);
  }

  forward(x: mx.array): mx.array {
    return mx.add(x, nn.relu(this.inner(this.norm(x))));
  }
}

class Model extends nn.Module {
  blocks = [new Residual(4), new Residual(4)];
  head = new nn.Linear(4, 2);

  forward(x: mx.array): mx.array {
    for (const block of this.blocks) x = block(x);
    return this.head(x);
  }
}

// One class for both kinds of module: private names would tell two apart.
const one: number = total(mx.array([0, 1]));
mx.random.seed(0);
const model = new Model();
const optimizer = new optim.Adam(1e-2);
const shape: number[] = model(mx.ones([one, 4])).shape;
const step = nn.valueAndGrad(model, (x: mx.array) => mx.mean(mx.square(model(x))));
const x = mx.ones([shape[0]!, 4]);
const [first] = step(x);
for (let i = 0; i < 10; i++) {
  const [, gradients] = step(x);
  optimizer.update(model, gradients);
  mx.eval(model, optimizer.state);
}
const [last] = step(x);
if (!(Number(last.item()) < Number(first.item()))) throw new Error('training did not help');
`;

// Layers for others: the compiler names each type that isn't written down in their declarations.
const library = `
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { Adam } from '@mlx/optimizers';

export class Scale extends nn.Module {
  scale = mx.ones([1]);
  layers = [new nn.Linear(1, 2), new nn.Linear(1, 2)];
  activation = nn.relu;
  forward(x: mx.array) {
    return mx.multiply(x, this.scale);
  }
}
export const optimizer = new Adam(0.1);
export const gradient = mx.grad((x: mx.array) => mx.sum(x));
export const compiled = mx.compile((x: mx.array) => ({ y: x.add(1), shape: x.shape }));
export const step = nn.valueAndGrad(new Scale(), (x: mx.array) => mx.sum(x));
export const parts = mx.linalg.svd(mx.ones([2, 2]));
export const parameters = new nn.Linear(1, 2).parameters();
`;

// What the packages' own tests of types use beside the packages.
const testRunner = `
declare function test(name: string, run: () => unknown): void;
declare function expect(value: unknown): any;
`;

/** Writes the packages' tests of types as a consumer's files; returns their names. */
function writeTypeTests(folder) {
  writeFileSync(join(folder, 'test-runner.d.ts'), testRunner);
  const names = ['core', 'nn', 'optimizers'].map((name) => {
    const text = readFileSync(join(root, 'packages', name, 'src', 'types.test.ts'), 'utf8');
    writeFileSync(join(folder, `${name}.mts`), text.replace("'./index'", `'@mlx/${name}'`));
    return `${name}.mts`;
  });
  return ['test-runner.d.ts', ...names];
}

/** `application` is a folder whose node_modules hold the packages. */
export async function checkTypeScript(application) {
  const folder = join(application, 'typescript');
  mkdirSync(folder);
  writeFileSync(join(folder, 'common.cts'), commonJs);
  writeFileSync(join(folder, 'module.mts'), esModule);
  writeFileSync(join(folder, 'library.mts'), library);
  const compilerOptions = {
    outDir: 'out',
    declaration: true,
    rootDir: '.',
    strict: true,
    noUncheckedIndexedAccess: true,
    target: 'es2022',
    module: 'node16',
    moduleResolution: 'node16',
    lib: ['es2023', 'esnext.disposable'],
    types: [],
  };
  const files = ['common.cts', 'module.mts', 'library.mts', ...writeTypeTests(folder)];
  const project = { compilerOptions, files };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  for (const [what, version] of Object.entries({
    'the oldest TypeScript': 'typescript-oldest',
    'the present TypeScript': 'typescript',
  }))
    await check(`a project with a model of its own, ${what}`, () => {
      const compiler = join(root, 'node_modules', version, 'bin', 'tsc');
      succeed([process.execPath, compiler, '-p', folder]);
      succeed([process.execPath, join(folder, 'out', 'module.mjs')]);
    });
}
