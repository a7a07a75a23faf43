// Bun and Deno run the same programs, and a plain loop holds memory flat there too.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/run.mjs';
import { check, Skipped, succeed } from '../check.mjs';

const loop = `
import * as mx from '@mlx/core';
const a = mx.ones([512, 512]);
for (let i = 0; i < 3000; i++) mx.eval(mx.add(a, 1));
for (let i = 0; i < 1000; i++) await mx.asyncEval(mx.add(a, 1));
const megabytes = process.memoryUsage().rss / 1e6;
if (megabytes > 500) throw new Error('the loop holds ' + megabytes.toFixed() + ' MB');
`;

/** The program that an npm package for this platform holds; pnpm keeps it beside the package. */
function platformProgram(prefix, path) {
  const store = join(root, 'node_modules', '.pnpm');
  const cpu = { x64: 'x64', arm64: 'aarch64' }[process.arch];
  const system = prefix.startsWith('@oven') ? `bun-${process.platform}` : process.platform;
  const wanted = prefix.startsWith('@oven') ? `${system}-${cpu}` : `${system}-${process.arch}`;
  const folder = readdirSync(store).find((name) =>
    new RegExp(`^${prefix}\\+${wanted}(-glibc)?@`).test(name),
  );
  if (folder === undefined) throw new Skipped(`no program of ${prefix} for this platform`);
  const name = folder.slice(0, folder.lastIndexOf('@')).replace('+', '/');
  return join(store, folder, 'node_modules', name, path);
}

/** `application` holds train.mjs beside its node_modules. */
export async function checkRuntimes(application) {
  writeFileSync(join(application, 'loop.mjs'), loop);
  const commands = {
    Bun: () => [platformProgram('@oven', 'bin/bun')],
    Deno: () => [platformProgram('@deno', 'deno'), 'run', '-A', '--node-modules-dir=manual'],
  };
  for (const [name, command] of Object.entries(commands)) {
    await check(`${name} trains`, () => {
      succeed([...command(), 'train.mjs'], { cwd: application });
    });
    await check(`${name} holds memory flat in a plain loop`, () => {
      succeed([...command(), 'loop.mjs'], { cwd: application });
    });
  }
}
