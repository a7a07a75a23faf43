// How many lines of src/metal its tests run, by gcov: `node scripts/metal-coverage.mjs`, after a build
// with --tests or of the target mlx. Fails below 95 %.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { spawn } from 'node:child_process';
import { capture, root, run } from './run.mjs';

const least = 95;
const native = join(root, 'native');
const folder = mkdtempSync(join(tmpdir(), 'mlx-coverage-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const inFolder = (path) =>
  readdirSync(join(native, path))
    .filter((name) => name.endsWith('.cpp'))
    .map((name) => join(path, name));
const measured = inFolder('src/metal');
const tests = [
  ...inFolder('tests/gpu/fake_metal'),
  ...inFolder('tests/gpu/emulator').filter((name) => !name.endsWith('_test.cpp')),
  ...inFolder('tests/gpu').filter((path) => /^metal_\w+\.cpp$/.test(basename(path))),
];
const flags = ['-std=c++20', '-ffp-contract=off', '-fPIC', '-w', '-Iinclude', '-Isrc', '-Itests'];

mkdirSync(folder, { recursive: true });
const waiting = [
  ...measured.map((source) => ({ source, more: ['-O0', '--coverage'] })),
  ...tests.map((source) => ({ source, more: ['-O1'] })),
];
const objects = waiting.map(({ source }) => object(source));
const main = join(folder, 'main.cpp');
writeFileSync(main, '#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n');
await Promise.all(Array.from({ length: availableParallelism() }, compile));
const { output } = capture([process.execPath, 'scripts/asmjit-flags.mjs'], { cwd: native });
const program = join(folder, 'tests');
run(
  [
    // What is measured stands before what the engine's library has of it.
    ...['g++', '--coverage', '-Wl,--allow-multiple-definition', '-o', program, main, ...objects],
    ...['build/Release/mlx.a', '-lopenblas', '-lhwy_contrib', '-lhwy', '-lz', '-lpthread'],
    ...output.split(/\s+/).filter(Boolean),
  ],
  { cwd: native },
);
run([program, '--test-case=metal*'], { cwd: folder });

let lines = 0;
let executed = 0;
for (const source of measured) {
  const { output: report } = capture(['gcov', '-n', '-o', object(source), source], { cwd: native });
  const own = report.split('\n\n').find((part) => part.includes(`File '${source}'`)) ?? '';
  const [, percent, count] = own.match(/Lines executed:([\d.]+)% of (\d+)/) ?? [0, '0', '0'];
  lines += Number(count);
  executed += Math.round((Number(percent) / 100) * Number(count));
  console.log(`${basename(source).padEnd(20)} ${percent.padStart(6)} % of ${count} lines`);
}
const percent = (100 * executed) / lines;
console.log(`src/metal: ${percent.toFixed(1)} % of ${lines} lines`);
console.log(percent >= least ? '1 passed, 0 failed' : '0 passed, 1 failed');
process.exitCode = percent >= least ? 0 : 1;

function object(source) {
  return join(folder, source.replaceAll('/', '-').replace(/\.cpp$/, '.o'));
}

async function compile() {
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const args = [...flags, ...next.more, '-c', next.source, '-o', object(next.source)];
    const status = await new Promise((resolve) =>
      spawn('g++', args, { cwd: native, stdio: 'inherit' }).on('close', resolve),
    );
    if (status !== 0) process.exit(1);
  }
}
