import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = join(__dirname, 'digests.ts');

// Compiles what the program requires, without checking types: the compiler's work elsewhere.
const loader = `
  const { readFileSync } = require('node:fs');
  const { transpileModule, ModuleKind, ScriptTarget } = require(${JSON.stringify(require.resolve('typescript'))});
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  require.extensions['.ts'] = (module, path) =>
    module._compile(transpileModule(readFileSync(path, 'utf8'), { compilerOptions }).outputText, path);
  require(${JSON.stringify(program)});`;

/** The digest of each operation's results, by name. */
async function digests(settings: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const env = { ...process.env, ...settings };
  const { stdout } = await run(process.execPath, ['-e', loader], { env });
  const lines = stdout.trim().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line]));
}

describe('results are the same to the bit', () => {
  let expected: Map<string, string>;
  beforeAll(async () => {
    expected = await digests({ MLX_NUM_THREADS: '1' });
  }, 60_000);

  test('from one time to the next', () => {
    expect(expected.size).toBeGreaterThan(200);
    expect([...expected.values()].filter((line) => line.includes('differs'))).toEqual([]);
  });

  test.each([
    ['another process', { MLX_NUM_THREADS: '1' }],
    ['2 threads', { MLX_NUM_THREADS: '2' }],
    ['7 threads', { MLX_NUM_THREADS: '7' }],
    ['elementwise operations not fused', { MLX_NUM_THREADS: '2', MLX_DISABLE_FUSION: '1' }],
  ])(
    'for %s',
    async (_, settings) => {
      const other = await digests(settings);
      const differing = [...expected.keys()].filter(
        (name) => other.get(name) !== expected.get(name),
      );
      expect(differing).toEqual([]);
      expect(other.size).toBe(expected.size);
    },
    60_000,
  );
});
