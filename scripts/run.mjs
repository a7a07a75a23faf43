// What the root scripts share. They run before anything is installed, so only Node's own modules.
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const pnpm = ['npx', '-y', 'pnpm@10.34.9'];

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old; version 20 or later is needed`);
  process.exit(1);
}

/** The path of an installed package's program. */
export function tool(name) {
  return join(root, 'node_modules', '.bin', name);
}

/** Runs a command with the terminal as its own; ends the process when it fails. */
export function run(command, options = {}) {
  const { status, error } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
  if (status === 0) return;
  console.error(`failed: ${command.join(' ')}${error ? ` (${error.message})` : ''}`);
  process.exit(status ?? 1);
}

/** Runs a command and returns what it printed and how it ended. */
export function capture(command, options = {}) {
  const result = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  });
  return { status: result.status, output: (result.stdout ?? '') + (result.stderr ?? '') };
}

/** Runs a command, passes on what it prints as it comes, and returns that too. */
export function stream(command, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    let output = '';
    // Both into one stream, which keeps their order and lets a last line be the last.
    for (const source of [child.stdout, child.stderr])
      source?.setEncoding('utf8').on('data', (text) => {
        output += text;
        process.stdout.write(text);
      });
    child.on('error', (error) => {
      console.error(`${command[0]}: ${error.message}`);
      resolve({ status: null, output });
    });
    child.on('close', (status) => resolve({ status, output }));
  });
}

/** Runs another script of this folder. */
export function script(name, ...args) {
  run([process.execPath, join(root, 'scripts', `${name}.mjs`), ...args]);
}
