// The engine for C++ programs: the program of the page "The C++ API", built as the page says, in
// folders with nothing else in them, against the packed headers and library.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeCppPackage } from '../../native/scripts/cpp-package.mjs';
import { root } from '../../scripts/run.mjs';
import { check, succeed } from './check.mjs';

const compiler = process.env.CXX ?? 'c++';

export async function checkCpp(folder) {
  const page = readFileSync(join(root, 'docs', 'guide', 'cpp.md'), 'utf8');
  const [program] = blocks(page, 'cpp');
  const prefix = packed(folder);
  await check('the C++ program of the guide builds with link-flags.txt', () =>
    buildsWith(folderOf(folder, 'flags', program), linkFlags()),
  );
  await check('it builds with pkg-config', () =>
    buildsWith(folderOf(folder, 'pkg-config', program), pkgConfigFlags(prefix)),
  );
  await check("it builds with CMake's find_package(mlx)", () =>
    buildsWithCMake(folderOf(folder, 'cmake', program), blocks(page, 'cmake')[0], prefix),
  );
}

/** Code blocks of a page in one language. */
function blocks(page, language) {
  return Array.from(page.matchAll(/^```(\w+)\n(.*?)^```/gms))
    .filter(([, name]) => name === language)
    .map(([, , text]) => text);
}

/** The package, moved after it was made. */
function packed(folder) {
  const made = join(folder, 'made'),
    moved = join(folder, 'moved here');
  writeCppPackage(join(root, 'native'), made);
  renameSync(made, moved);
  return moved;
}

function folderOf(folder, name, program) {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'train.cpp'), program);
  return path;
}

function linkFlags() {
  return readFileSync(join(root, 'native', 'build', 'link-flags.txt'), 'utf8')
    .trim()
    .split(' ');
}

function pkgConfigFlags(prefix) {
  const env = { ...process.env, PKG_CONFIG_PATH: join(prefix, 'lib', 'pkgconfig') };
  // It escapes blanks for the shell.
  const flags = succeed(['pkg-config', '--cflags', '--libs', 'mlx'], { env }).trim();
  return flags.match(/(\\.|\S)+/g).map((flag) => flag.replace(/\\(.)/g, '$1'));
}

function buildsWith(folder, flags) {
  succeed([compiler, 'train.cpp', '-o', 'train', ...flags], { cwd: folder });
  learns(join(folder, 'train'));
}

function buildsWithCMake(folder, lists, prefix) {
  writeFileSync(join(folder, 'CMakeLists.txt'), lists);
  const configure = ['cmake', '-B', 'build', `-DCMAKE_PREFIX_PATH=${prefix}`];
  succeed([...configure, `-DCMAKE_CXX_COMPILER=${compiler}`], { cwd: folder });
  succeed(['cmake', '--build', 'build'], { cwd: folder });
  learns(join(folder, 'build', 'train'));
}

/** The program prints the loss now and then: it must fall, and end small. */
function learns(program) {
  // It writes a file where it runs.
  const printed = succeed([program], { cwd: dirname(program) });
  const losses = Array.from(printed.matchAll(/loss (\S+)/g), ([, loss]) => Number(loss));
  if (losses.length < 2 || !(losses.at(-1) < 0.01 * losses[0]))
    throw new Error(`it did not learn:\n${printed}`);
}
