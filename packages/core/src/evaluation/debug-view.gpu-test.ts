import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const library = join(__dirname, '..', '..', 'dist', 'index.js');

function printed(level: string): string {
  const script = `const mx = require(${JSON.stringify(library)});
    mx.setDefaultDevice(mx.gpu);
    const x = mx.ones([4, 256]);
    mx.eval(mx.exp(x.multiply(2)).add(1));`;
  const { stderr, status } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { ...process.env, MLX_DEBUG: level },
  });
  expect(status).toBe(0);
  return stderr;
}

test('a GPU says of each step how long it took, and at level 3 the text of its kernels', () => {
  const line = /^\[mlx\] Fused of \d+.*-> float32\[4,256\].* \| \d+\.\d{3} ms \| \d+ bytes$/m;
  expect(printed('1')).toMatch(line);
  const text = printed('3');
  expect(text).toMatch(line);
  expect(text).toMatch(/^\[mlx\] elementwise\w*:$/m);
});
