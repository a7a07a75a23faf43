import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import { format } from 'node:util';

import * as ts from 'typescript';

/** The code of one `@example`, or of one block of a page, and where it stands. */
export interface Example {
  readonly place: string;
  readonly code: string;
}

/** The TypeScript files below a folder, without the tests. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith('.ts') && !entry.name.includes('.test') ? [path] : [];
  });
}

/** The examples in the documentation comments of a file. */
export function examplesOf(path: string, folder: string): Example[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/@example\n *\* ```ts\n([\s\S]*?) *\* ```/g)].map((match) => ({
    place: `${relative(folder, path)}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1]!.replace(/^ *\* ?/gm, ''),
  }));
}

/**
 * The TypeScript blocks of a Markdown page; each is an example of its own. Those that need a GPU say
 * so: `ts gpu`.
 */
export function examplesOfPage(path: string, kind: 'ts' | 'ts gpu' = 'ts'): Example[] {
  const text = readFileSync(path, 'utf8');
  const blocks = new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(blocks)].map((match) => ({
    place: `${basename(path)}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1]!,
  }));
}

type AsyncCode = (...values: unknown[]) => Promise<void>;
const AsyncFunction = (async () => undefined).constructor as new (...args: string[]) => AsyncCode;

/**
 * Runs an example. What it prints must be what its `// =>` comments say; an expression before such
 * a comment must have the value that the comment spells.
 *
 * @param libraries - the modules it may import, by name; `mx` is also there without import.
 * @returns what came and what was expected, to be compared.
 */
export async function runExample(
  code: string,
  libraries: Record<string, unknown>,
): Promise<{ received: unknown[]; expected: unknown[] }> {
  const received: unknown[] = [];
  const expected: unknown[] = [];
  const print = (...values: unknown[]): void => void received.push(format(...values));
  const meet = (value: unknown, wanted: unknown): void => {
    received.push(value);
    expected.push(wanted);
  };
  const marked = code.replace(/^(.*?)(?:;)? \/\/ => (.*)$/gm, (_line, before: string, value) => {
    if (!before.includes('console.log'))
      return `meet(${before}, (${String(value).replace(/^\{.*\}$/, '($&)')}));`;
    expected.push(String(value).trim());
    return `${before};`;
  });
  const imports = marked.match(/^import .*?;$/gms)?.join('\n') ?? '';
  const body = marked.replace(/^import .*?;$/gms, '');
  const { outputText } = ts.transpileModule(
    `${imports}\nasync function example() {${body}}\nvoid example;`,
    { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS } },
  );
  const load = createRequire(__filename);
  const require = (name: string): unknown => libraries[name] ?? load(name);
  const names = ['mx', 'console', 'meet', 'require', 'exports'];
  const run = new AsyncFunction(...names, `{ ${outputText}; return example(); }`);
  await run(libraries['@mlx/core'], { log: print }, meet, require, {});
  return { received, expected };
}
