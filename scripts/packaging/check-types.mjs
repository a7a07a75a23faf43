// Compiles a program against the packages installed in a folder, as an ES module and as CommonJS,
// without Node's types, with the oldest TypeScript that is supported and with the present one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, root } from '../run.mjs';

const commonJs = `
import mx = require('@mlx/core');
export function total(a: mx.array): number {
  return mx.sum(a).item();
}
`;

const esModule = `
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import * as optim from '@mlx/optimizers';
import { total } from './common.cjs';
// One class for both kinds of module: private names would tell two apart.
const one: number = total(mx.array([1, 2, 3]));
const model = new nn.Sequential(new nn.Linear(4, 8), nn.relu, new nn.Linear(8, 2));
const optimizer = new optim.Adam(1e-3);
const shape: number[] = model(mx.ones([one, 4])).shape;
const step = nn.valueAndGrad(model, (x: mx.array) => mx.sum(mx.square(model(x))));
const [loss, gradients] = step(mx.ones(shape));
optimizer.update(model, gradients);
mx.eval(loss, model);
`;

export function checkTypes(folder) {
  writeFileSync(join(folder, 'common.cts'), commonJs);
  writeFileSync(join(folder, 'module.mts'), esModule);
  const compilerOptions = {
    noEmit: true,
    strict: true,
    target: 'es2022',
    module: 'node16',
    moduleResolution: 'node16',
    lib: ['es2023', 'esnext.disposable'],
    types: [],
  };
  const project = { compilerOptions, files: ['common.cts', 'module.mts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  for (const version of ['typescript-oldest', 'typescript']) {
    const compiler = join(root, 'node_modules', version, 'bin', 'tsc');
    const { status, output } = capture([process.execPath, compiler, '-p', folder]);
    if (status !== 0) throw new Error(`${version}:\n${output}`);
  }
}
