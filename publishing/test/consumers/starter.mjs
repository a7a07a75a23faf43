// The project that people copy to start from: compiled, tested, trained a little, and asked.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/run.mjs';
import { check, succeed } from '../check.mjs';

/** `application` is a folder whose node_modules hold the packages. */
export async function checkStarter(application) {
  const folder = join(application, 'starter');
  await check('the starter', async () => {
    copyStarter(folder);
    checkRanges(folder, application);
    succeed([process.execPath, join(root, 'node_modules', 'typescript', 'bin', 'tsc')], {
      cwd: folder,
    });
    const tests = ['train', 'server'].map((name) => join('dist', 'test', `${name}.test.js`));
    succeed([process.execPath, '--test', ...tests], { cwd: folder });
    await trainAndStop(folder);
    await serveAndAsk(folder);
  });
}

/** As it is in git, with the one package that only its compilation needs. */
function copyStarter(folder) {
  cpSync(join(root, 'examples', 'starter'), folder, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|dist|output)$/.test(path),
  });
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  const types = join('node_modules', '@types', 'node');
  symlinkSync(join(root, types), join(folder, types));
}

/** Its ranges are those of the versions that are published now. */
function checkRanges(folder, application) {
  const read = (...path) => JSON.parse(readFileSync(join(...path, 'package.json'), 'utf8'));
  for (const [name, range] of Object.entries(read(folder).dependencies)) {
    const { version } = read(application, 'node_modules', name);
    if (!range.startsWith(`^${version.split('.').slice(0, 2).join('.')}.`))
      throw new Error(`the starter asks for ${name} ${range}, but it has version ${version}`);
  }
}

function start(folder, name, env = {}) {
  const program = join(folder, 'dist', 'src', 'bin', `${name}.js`);
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const printed = (pattern) =>
    new Promise((resolve, reject) => {
      child.stdout.on('data', (text) => {
        output += text;
        const match = output.match(pattern);
        if (match) resolve(match);
      });
      child.on('close', () => reject(new Error(`${name} never printed ${pattern}:\n${output}`)));
    });
  const ended = new Promise((resolve, reject) => {
    child.on('close', (status) =>
      status === 0 ? resolve(output) : reject(new Error(`${name}: ${status}\n${output}`)),
    );
  });
  ended.catch(() => undefined);
  return { child, printed, ended };
}

async function trainAndStop(folder) {
  const { child, printed, ended } = start(folder, 'train');
  await printed(/loss/);
  child.kill('SIGINT');
  const output = await ended;
  if (!/% right after \d+ steps/.test(output)) throw new Error(output);
}

async function serveAndAsk(folder) {
  const { child, printed, ended } = start(folder, 'serve', { PORT: '0' });
  const [, url] = await printed(/listening on (\S+)/);
  const body = JSON.stringify({ points: [[0.5, 0.1]] });
  const response = await fetch(`${url}/predict`, { method: 'POST', body });
  const { probabilities } = await response.json();
  if (probabilities?.[0]?.length !== 2) throw new Error('the server gave no probabilities');
  child.kill('SIGTERM');
  await ended;
}
