import { builtin } from '../node/builtin';
import { ownFile } from './own-file';
import { ownVersion } from './own-version';
import { platformPackage, platforms, thisPlatform } from './platforms';

const { createRequire } = builtin('node:module');

/** One place that was tried, and how it failed. */
export interface Attempt {
  readonly what: string;
  readonly error: unknown;
}

/** What an error's text needs to know of the machine; a test gives its own. */
export interface Machine {
  readonly platform: string;
  /** The C library of Linux and its version, undefined elsewhere. */
  readonly libc: string | undefined;
  /** The runtime and its version. */
  readonly runtime: string;
  readonly version: string;
  /** The file that asked, whose path tells who installed it. */
  readonly file: string;
  /** The platforms whose packages are installed. */
  readonly installed: readonly string[];
}

function glibcVersion(): string | undefined {
  const report = process.report?.getReport() as
    { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime;
}

function isInstalled(platform: string): boolean {
  try {
    createRequire(ownFile).resolve(`${platformPackage(platform)}/package.json`);
    return true;
  } catch {
    return false;
  }
}

function thisMachine(): Machine {
  const { electron, bun, deno } = process.versions;
  const runtimes = [
    electron && `Electron ${electron}`,
    bun && `Bun ${bun}`,
    deno && `Deno ${deno}`,
    `Node ${process.versions.node} (ABI ${process.versions.modules})`,
  ];
  const glibc = process.platform === 'linux' ? glibcVersion() : undefined;
  return {
    platform: thisPlatform(),
    libc: process.platform !== 'linux' ? undefined : glibc ? `glibc ${glibc}` : 'musl or unknown',
    runtime: runtimes.filter(Boolean).join(', '),
    version: ownVersion() ?? 'latest',
    file: ownFile,
    installed: Object.keys(platforms).filter(isInstalled),
  };
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // What follows the first line is the stack of requires.
  return message.split('\n')[0]!;
}

/** The command that adds a package, in the words of whoever installed this one. */
function addCommand(file: string): string {
  if (/[\\/]\.pnpm[\\/]/.test(file)) return 'pnpm add';
  if (/[\\/]\.yarn[\\/]/.test(file)) return 'yarn add';
  return 'npm install';
}

/** What to do about it, as lines. */
function remedy(machine: Machine, attempts: readonly Attempt[]): string[] {
  const { platform, libc, version, file, installed, runtime } = machine;
  if (!Object.hasOwn(platforms, platform))
    return [
      'There is no package for this platform. Build the engine from the repository there:',
      '  npm run build',
    ];
  if (libc?.startsWith('musl'))
    return [
      'The packages for Linux need glibc; Alpine Linux has musl. Use an image with glibc:',
      '  FROM node:22-bookworm-slim',
    ];
  const isOld = attempts.some(({ error }) => /GLIBC_|version .* not found/.test(reason(error)));
  if (isOld)
    return [
      `This system's C library is older than ${platforms[platform]}. Use a newer one, for example:`,
      '  FROM node:22-bookworm-slim',
    ];
  if (runtime.startsWith('Electron') && installed.includes(platform))
    return [
      'An archive cannot hold the engine: unpack it in the configuration of electron-builder:',
      '  "asarUnpack": ["**/node_modules/@mlx/**"]',
    ];
  if (installed.includes(platform))
    return [
      'The package is there but does not load. Install it anew:',
      `  ${addCommand(file)} --force ${platformPackage(platform)}@${version}`,
    ];
  const why =
    installed.length > 0
      ? `node_modules was installed for ${installed.join(' and ')}, on another machine or for another architecture.`
      : 'Optional dependencies were left out (--no-optional, --omit=optional), or the lock file was made on another platform.';
  return [
    `${why} Add the package:`,
    `  ${addCommand(file)} ${platformPackage(platform)}@${version}`,
  ];
}

/** The error that says what was tried, why it failed and what helps, each on a line of its own. */
export function loadFailure(attempts: readonly Attempt[], machine = thisMachine()): Error {
  const { platform, libc, runtime } = machine;
  const lines = [
    '@mlx/core could not load its native engine.',
    `This is ${[platform, libc, runtime].filter(Boolean).join(', ')}.`,
    ...attempts.map(({ what, error }) => `Tried ${what}: ${reason(error)}`),
    `There are packages for ${Object.entries(platforms)
      .map(([name, needs]) => `${name} (${needs})`)
      .join(', ')}.`,
    ...remedy(machine, attempts),
  ];
  return new Error(lines.join('\n'), { cause: attempts[0]?.error });
}
