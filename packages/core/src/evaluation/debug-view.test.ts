import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const library = join(__dirname, '..', '..', 'dist', 'index.js');

/** What a program prints to the standard error under a level of MLX_DEBUG. */
function printed(level: string, code: string): string {
  const script = `const mx = require(${JSON.stringify(library)}); ${code}`;
  const { stderr, status } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { ...process.env, MLX_DEBUG: level },
  });
  expect(status).toBe(0);
  return stderr;
}

const program = `
  const x = mx.ones([4, 256]);
  mx.eval(x);
  const f = (a) => mx.matmul(mx.exp(a.multiply(2)).add(1), a.transpose());
  mx.eval(RUN(x));`;

test.each([
  ['f', 'a plain graph'],
  ['mx.compile(f)', 'a compiled function'],
])('%s: kernels with shapes, dtypes, time and bytes', (run) => {
  const text = printed('1', program.replace('RUN', run));
  expect(text).toMatch(
    /^\[mlx\] Fused of 3: float32\[4,256\].* -> float32\[4,256\].* \| \d+\.\d{3} ms \| \d+ bytes$/m,
  );
  expect(text).toMatch(/^\[mlx\] Matmul: float32\[4,256\], float32\[256,4\] -> float32\[4,4\] \|/m);
  expect(text).not.toContain('= Exp(');
});

test('level 2 also lists fused programs, level 0 says nothing', () => {
  const text = printed('2', program.replace('RUN', 'f'));
  expect(text).toMatch(/^\[mlx\] {3}v\d+ = Multiply\(v\d+, v\d+\) float32/m);
  expect(text).toMatch(/^\[mlx\] {3}v\d+ = Add\(v\d+, v\d+\) float32 \*$/m);
  expect(printed('0', program.replace('RUN', 'f'))).toBe('');
});
