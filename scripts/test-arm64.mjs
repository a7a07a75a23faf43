// Compiles the engine and its C++ tests for arm64 Linux by Debian's cross compiler and runs the tests
// under qemu-user: `node scripts/test-arm64.mjs [--test-case=...]`. Installs what it needs, which takes
// root. The build is in native/build-arm64; it takes half an hour of processor time the first time.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { capture, root, run } from './run.mjs';
import { doctest } from './test-programs.mjs';

const native = join(root, 'native');
const folder = join(native, 'build-arm64');
const libraries = '/usr/lib/aarch64-linux-gnu';
const program = join(folder, 'mlx_tests');
const cached = capture(['sh', '-c', 'command -v ccache']).status === 0 ? 'ccache ' : '';
const compiler = 'aarch64-linux-gnu-g++';

if (capture(['sh', '-c', 'command -v aarch64-linux-gnu-g++ qemu-aarch64']).status !== 0) install();
mkdirSync(folder, { recursive: true });
for (const name of ['include', 'src', 'tests', 'scripts'])
  if (!existsSync(join(folder, name))) symlinkSync(join('..', name), join(folder, name));
writeFileSync(join(folder, 'Makefile'), makefile());
run(['make', '-C', folder, `-j${availableParallelism()}`, 'mlx_tests']);
const {
  passed = 0,
  failed = 0,
  skipped = 0,
} = await doctest(process.argv.slice(2), {
  prefix: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'],
  program,
  env: { LD_LIBRARY_PATH: libraries },
});
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function install() {
  run(['dpkg', '--add-architecture', 'arm64']);
  run(['apt-get', 'update', '-q']);
  run([
    ...['apt-get', 'install', '-y', '-q', '--no-install-recommends'],
    ...['g++-aarch64-linux-gnu', 'qemu-user', 'make', 'doctest-dev'],
    ...['libopenblas-dev:arm64', 'libhwy-dev:arm64', 'zlib1g-dev:arm64'],
  ]);
}

/** The units of compilation that a script of the native build prints. */
function units(script, ...args) {
  const { status, output } = capture([process.execPath, join('scripts', script), ...args], {
    cwd: folder,
  });
  if (status !== 0) throw new Error(output);
  return output.trim().split('\n');
}

function makefile() {
  const sources = [
    ...units('list-sources.mjs', 'src', 'groups'),
    ...units('list-sources.mjs', 'tests', 'groups', '1200'),
    ...units('embed-kernels.mjs'),
  ];
  const flags =
    '-std=c++20 -O1 -march=armv8-a+crypto -ffp-contract=off -fno-math-errno -fPIC ' +
    '-fvisibility=hidden -w -MMD -Iinclude -Isrc -Itests';
  const object = (source) => join('objects', source.replace(/\.cpp$/, '.o'));
  const rules = sources.map((source) => {
    mkdirSync(join(folder, dirname(object(source))), { recursive: true });
    return `${object(source)}: ${source}\n\t${cached}${compiler} ${flags} -c $< -o $@\n`;
  });
  // What they included when they were last compiled.
  const included = sources.map((source) => object(source).replace(/o$/, 'd'));
  return (
    `mlx_tests: ${sources.map(object).join(' ')}\n\t${compiler} $^ -o $@ -L${libraries} ` +
    `-Wl,-rpath-link,${libraries} -lopenblas -lhwy_contrib -lhwy -lz -lpthread -ldl\n\n` +
    `${rules.join('\n')}\n-include ${included.join(' ')}\n`
  );
}
