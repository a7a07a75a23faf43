// Compiles every kernel's text of a folder with Apple's compiler, or with --syntax checks it by clang
// and metal_stdlib beside this file: see README.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const args = process.argv.slice(2);
const isSyntax = args.includes('--syntax');
const [folder] = args.filter((arg) => !arg.startsWith('--'));
if (!folder) {
  console.error('usage: compile-kernels.mjs FOLDER [--syntax]');
  process.exit(1);
}
const [program, ...options] = isSyntax
  ? [
      process.env.CLANG ?? 'clang++',
      ...['-std=c++17', '-fsyntax-only', '-x', 'c++', '-w', '-ferror-limit=3'],
      ...['-isystem', join(import.meta.dirname, 'stdlib'), '-nostdinc++'],
    ]
  : ['xcrun', 'metal', '-std=metal3.1', '-c', '-o', '/dev/null', '-w'];

const temporary = mkdtempSync(join(tmpdir(), 'mlx-kernels-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
const waiting = readdirSync(folder).filter((name) => name.endsWith('.metal'));
const count = waiting.length;
let failed = 0;
await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(`${count - failed} kernels compile, ${failed} do not`);
process.exitCode = failed > 0 || count === 0 ? 1 : 0;

async function work() {
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const { status, output } = await run([
      ...options,
      isSyntax ? forClang(name) : join(folder, name),
    ]);
    if (status === 0) continue;
    failed += 1;
    // The first failures tell what the others would.
    if (failed <= 20) console.log(`${name}:\n${output.slice(0, 2000)}`);
  }
}

/** A C++ function has no variables in another address space, but for static ones. */
function forClang(name) {
  const text = readFileSync(join(folder, name), 'utf8');
  const path = join(temporary, name);
  writeFileSync(path, text.replaceAll('alignas(32) threadgroup', 'alignas(32) static threadgroup'));
  return path;
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => resolve({ status: 1, output: error.message }));
    child.on('close', (status) => resolve({ status, output }));
  });
}
