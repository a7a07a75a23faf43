// A report from a Mac, for an engine whose Metal runtime was executed against a fake of Apple's API
// only: `node scripts/mac-check/report.mjs` after `npm run setup && npm run build -- --tests`. Send
// back what it prints. Nothing leaves the machine by itself.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';

const tests = join(root, 'native', 'build', 'Release', 'mlx_tests');

section('machine');
print('sw_vers', []);
print('sysctl', ['-n', 'machdep.cpu.brand_string', 'hw.memsize', 'hw.pagesize']);
print('xcrun', ['--find', 'metal']);

if (!existsSync(tests)) {
  console.log('There is no build: npm run setup && npm run build -- --tests');
  process.exit(1);
}

section("messages: the system's types, and whether they are the table's");
print(tests, ['--test-case=metal on a Mac*', '--no-skip', '--success=false']);

section('self-test and device');
node(
  `const mx = await import('@mlx/core');
   console.log(mx.metal.isAvailable(), mx.metal.deviceInfo());`,
);

section('operation table: the GPU against the CPU');
print(process.execPath, [join(root, 'scripts', 'test-gpu.mjs'), '--device', 'system', '--quick']);

section('times');
node(
  `const mx = await import('@mlx/core');
   const time = async (name, f) => {
     await mx.asyncEval(f()); mx.eval(f());
     const begin = performance.now();
     for (let i = 0; i < 20; i++) mx.eval(f());
     console.log(name, ((performance.now() - begin) / 20).toFixed(3), 'ms');
   };
   for (const device of [mx.cpu, mx.gpu]) {
     if (!mx.isAvailable(device)) continue;
     mx.setDefaultDevice(device);
     const a = mx.random.normal([2048, 2048]), b = mx.random.normal([2048, 2048]);
     mx.eval(a, b);
     console.log(String(device));
     await time('  matmul 2048', () => mx.matmul(a, b));
     await time('  exp 4M', () => mx.exp(a));
     await time('  sum 4M', () => mx.sum(a));
     await time('  softmax 2048x2048', () => mx.softmax(a, -1));
     await time('  sort 4M', () => mx.sort(a, -1));
   }`,
);

function section(title) {
  console.log(`\n## ${title}\n`);
}

/** The program's output, whether it succeeds or not. */
function print(program, args) {
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    encoding: 'utf8',
    cwd: root,
    maxBuffer: 2 ** 28,
  });
  if (error) console.log(`${program}: ${error.message}`);
  else console.log(`${stdout}${stderr}`.trimEnd() + (status === 0 ? '' : `\n(status ${status})`));
}

function node(text) {
  const folder = join(root, 'packages', 'core');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', text],
    { encoding: 'utf8', cwd: join(root, 'examples', 'linear-regression') },
  );
  console.log(
    `${stdout}${stderr}`.trimEnd() + (status === 0 ? '' : `\n(status ${status} of ${folder})`),
  );
}
