import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const folder = mkdtempSync(join(tmpdir(), 'mlx-digests-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Translates the sources as they are required; the first process leaves them for the others. Types
// are checked elsewhere.
const loader = `
  const { createHash } = require('node:crypto');
  const { existsSync, readFileSync, writeFileSync } = require('node:fs');
  const { join } = require('node:path');
  const translate = (source) => {
    const { transpileModule, ModuleKind, ScriptTarget } = require(${JSON.stringify(require.resolve('typescript'))});
    const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
    return transpileModule(source, { compilerOptions }).outputText;
  };
  require.extensions['.ts'] = (module, path) => {
    const copy = join(${JSON.stringify(folder)}, createHash('sha1').update(path).digest('hex'));
    if (!existsSync(copy)) writeFileSync(copy, translate(readFileSync(path, 'utf8')));
    module._compile(readFileSync(copy, 'utf8'), path);
  };
  require(${JSON.stringify(join(__dirname, 'digests.ts'))});`;

/** The digest of each operation's results, by name. */
async function digests(settings: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const env = { ...process.env, ...settings };
  const { stdout } = await run(process.execPath, ['-e', loader], { env });
  const lines = stdout.trim().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line]));
}

describe('results are the same to the bit', () => {
  jest.setTimeout(300_000);
  let expected: Map<string, string>;
  beforeAll(async () => {
    expected = await digests({ MLX_NUM_THREADS: '1' });
  });

  test('from one time to the next', () => {
    expect(expected.size).toBeGreaterThan(200);
    expect([...expected.values()].filter((line) => line.includes('differs'))).toEqual([]);
  });

  test.each([
    ['another process', { MLX_NUM_THREADS: '1' }],
    ['2 threads', { MLX_NUM_THREADS: '2' }],
    ['7 threads', { MLX_NUM_THREADS: '7' }],
    ['elementwise operations not fused', { MLX_NUM_THREADS: '2', MLX_DISABLE_FUSION: '1' }],
  ])('for %s', async (_, settings) => {
    const other = await digests(settings);
    const differing = [...expected.keys()].filter((name) => other.get(name) !== expected.get(name));
    expect(differing).toEqual([]);
    expect(other.size).toBe(expected.size);
  });
});
