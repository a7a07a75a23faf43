import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { format } from 'node:util';

import * as ts from 'typescript';

import * as mx from './index';

// Every @example runs, and what it prints must be what its `// =>` comments say.

interface Example {
  readonly place: string;
  readonly code: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith('.ts') && !entry.name.includes('.test') ? [path] : [];
  });
}

function examplesOf(path: string): Example[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/@example\n \* ```ts\n([\s\S]*?) \* ```/g)].map((match) => ({
    place: `${relative(__dirname, path)}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1]!.replace(/^ \* ?/gm, ''),
  }));
}

type AsyncCode = (
  library: typeof mx,
  console: { log(...values: unknown[]): void },
) => Promise<void>;
const AsyncFunction = (async () => undefined).constructor as new (...args: string[]) => AsyncCode;

async function run(code: string): Promise<string[]> {
  const { outputText } = ts.transpileModule(`async function example() {${code}}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const lines: string[] = [];
  const log = (...values: unknown[]): void => void lines.push(format(...values));
  await new AsyncFunction('mx', 'console', `${outputText}; return example();`)(mx, { log });
  return lines;
}

const examples = sourceFiles(__dirname).flatMap(examplesOf);

describe('examples in the documentation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-examples-'));
  const before = process.cwd();
  beforeAll(() => process.chdir(folder));
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  test('are many', () => {
    expect(examples.length).toBeGreaterThan(150);
  });

  test.each(examples)('$place', async ({ code }) => {
    const expected = [...code.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1]!.trim());
    expect(await run(code)).toEqual(expected);
  });
});

describe('public functions', () => {
  test.each(sourceFiles(__dirname).filter((path) => path.includes('/ops/')))(
    '%s documents every function with an example',
    (path) => {
      const text = readFileSync(path, 'utf8');
      const functions = new Set(
        [...text.matchAll(/^export function (\w+)/gm)].map((match) => match[1]!),
      );
      expect(examplesOf(path).length).toBeGreaterThanOrEqual(functions.size);
    },
  );
});
