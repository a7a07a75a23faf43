// Measures what one waits for after a change of one operation: changes a source a little, without a
// compiler cache, builds the addon and the C++ tests, runs those of the operation, and puts the
// source back. Run it on a folder that is built: `node scripts/measure-rebuild.mjs [files|groups]`.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tool } from './run.mjs';
import { duration } from './steps.mjs';

const native = join(root, 'native');
const kind = process.argv[2];
const cases = [
  { source: 'src/ops/softmax.cpp', operation: 'softmax' },
  { source: 'src/cpu/softmax/row_kernels.cpp', operation: 'softmax' },
  { source: 'src/cpu/reduce/arg_reduce.cpp', operation: 'argmax' },
];

// Also compiles what has changed before, which is not to be measured.
build(kind === undefined ? [] : [`--${kind}`], process.env);
for (const { source, operation } of cases) {
  const path = join(native, source);
  const text = readFileSync(path);
  const { atime, mtime } = statSync(path);
  const begin = Date.now();
  try {
    writeFileSync(path, `${text}\n// ${randomUUID()}\n`);
    build([], { ...process.env, CCACHE_DISABLE: '1' });
    const built = Date.now();
    execute([join(native, 'build', 'Release', 'mlx_tests'), `--test-case=*${operation}*`], native);
    execute(
      [tool('jest'), 'src/ops/fixtures.test.ts', '-t', operation],
      join(root, 'packages', 'core'),
    );
    console.log(
      `${source}: built in ${elapsed(begin, built)}, tested in ${elapsed(built, Date.now())}`,
    );
  } finally {
    // The comment makes no difference to what was built, so nothing has to be built again.
    writeFileSync(path, text);
    utimesSync(path, atime, mtime);
  }
}

function build(args, env) {
  execute([process.execPath, join(native, 'scripts', 'build.mjs'), ...args], native, env);
}

function execute([program, ...args], cwd, env = process.env) {
  execFileSync(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function elapsed(begin, end) {
  return duration((end - begin) / 1000);
}
