import { loadFailure, type Machine } from './load-failure';

const machine: Machine = {
  platform: 'linux-x64',
  libc: 'glibc 2.36',
  runtime: 'Node 20.20.2 (ABI 115)',
  version: '1.2.3',
  file: '/app/node_modules/@mlx/core/dist/addon/own-file.js',
  installed: [],
};
const name = '@mlx/core-linux-x64';

/** The lines of the error where the package failed with a message. */
function lines(message: string, changes: Partial<Machine> = {}): string[] {
  const error = loadFailure([{ what: name, error: new Error(message) }], {
    ...machine,
    ...changes,
  });
  return error.message.split('\n');
}

test('says what this is, what was tried, why it failed and what there is', () => {
  const [first, system, tried, available] = lines(`Cannot find module '${name}'\nRequire stack:`);
  expect(first).toBe('@mlx/core could not load its native engine.');
  expect(system).toBe('This is linux-x64, glibc 2.36, Node 20.20.2 (ABI 115).');
  expect(tried).toBe(`Tried ${name}: Cannot find module '${name}'`);
  expect(available).toContain('linux-arm64 (glibc 2.34 or later)');
});

test.each([
  ['npm', '/app/node_modules/@mlx/core/dist/x.js', `  npm install ${name}@1.2.3`],
  ['pnpm', '/app/node_modules/.pnpm/@mlx+core@1.2.3/x.js', `  pnpm add ${name}@1.2.3`],
  ['yarn', '/app/.yarn/cache/core.zip/x.js', `  yarn add ${name}@1.2.3`],
])('the command that adds the package, by %s', (_installer, file, command) => {
  expect(lines('Cannot find module', { file }).at(-1)).toBe(command);
});

test.each<[string, string, Partial<Machine>, RegExp]>([
  ['left out', 'Cannot find module', {}, /--omit=optional.*lock file/],
  ['of another machine', 'Cannot find module', { installed: ['darwin-arm64'] }, /for darwin-arm64/],
  ['musl', 'Cannot find module', { libc: 'musl or unknown' }, /need glibc; Alpine/],
  ['old glibc', "version `GLIBC_2.34' not found", { installed: ['linux-x64'] }, /older than glibc/],
  ['damaged', 'file too short', { installed: ['linux-x64'] }, /does not load. Install it anew/],
  ['Windows', 'none', { platform: 'win32-x64', libc: undefined }, /no package for this platform/],
  [
    'an archive of Electron',
    'not a file',
    { runtime: 'Electron 40.0.0, Node 24.0.0', installed: ['linux-x64'] },
    /An archive cannot hold/,
  ],
])('the reason: %s', (_case, message, changes, expected) => {
  const [why, command] = lines(message, changes).slice(-2);
  expect(why).toMatch(expected);
  expect(command).toMatch(/^ {2}\S/);
});

test('the first failure is the cause', () => {
  const cause = new Error('first');
  expect(loadFailure([{ what: name, error: cause }], machine).cause).toBe(cause);
});
