// One file made by each bundler, with no option but that it shall run in Node, run where the
// application's packages lie.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/run.mjs';
import { check, succeed } from '../check.mjs';
import { trainingProgram } from './training-program.mjs';

const bin = (name) => join(root, 'publishing', 'node_modules', '.bin', name);

const rollupConfiguration = `
import commonjs from ${JSON.stringify(importable('@rollup/plugin-commonjs'))};
import json from ${JSON.stringify(importable('@rollup/plugin-json'))};
import resolve from ${JSON.stringify(importable('@rollup/plugin-node-resolve'))};
export default { plugins: [resolve(), commonjs(), json()] };
`;

function importable(name) {
  return import.meta.resolve(name);
}

/** `application` is a folder whose node_modules hold the packages. */
export async function checkBundles(application) {
  const folder = join(application, 'bundles');
  mkdirSync(folder);
  writeFileSync(join(folder, 'entry.mjs'), trainingProgram);
  writeFileSync(join(folder, 'rollup.config.mjs'), rollupConfiguration);
  const bundlers = {
    'esbuild, CommonJS': [
      'esbuild.cjs',
      [bin('esbuild'), 'entry.mjs', '--bundle', '--platform=node', '--outfile=esbuild.cjs'],
    ],
    'esbuild, ES module': [
      'esbuild.mjs',
      [
        bin('esbuild'),
        'entry.mjs',
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--outfile=esbuild.mjs',
      ],
    ],
    webpack: [
      'webpack.js',
      [
        bin('webpack'),
        './entry.mjs',
        '--target=node',
        '--mode=production',
        '--output-path=.',
        '--output-filename=webpack.js',
      ],
    ],
    rollup: [
      'rollup.mjs',
      [bin('rollup'), 'entry.mjs', '--config', '--file', 'rollup.mjs', '--format', 'es'],
    ],
  };
  for (const [name, [output, command]] of Object.entries(bundlers))
    await check(`a bundle by ${name}`, () => {
      succeed(command, { cwd: folder });
      const printed = succeed([process.execPath, output], { cwd: folder });
      if (!printed.includes('trained')) throw new Error(printed);
    });
}
