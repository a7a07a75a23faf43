import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompileProgress, announcement, kindOf } from './compile-progress.mjs';

const object = (name) => `Release/obj.target/mlx/${name}.o`;

test('units are told apart by the names of their object files', () => {
  assert.equal(kindOf(object('build/groups/src-kernels.2')), 'kernels');
  assert.equal(kindOf(object('build/groups/src-files.12')), 'files');
  assert.equal(kindOf(object('src/io/npy')), 'single');
});

test('lines about anything else tell nothing', () => {
  const progress = new CompileProgress(2);
  for (const line of ['', 'make: Entering directory', '  COPY Release/mlx.a', 'CXX(target)'])
    assert.equal(progress.read(line), undefined);
});

/** Plays a build of units, `[object, seconds]`, and gives the lines and when each is printed. */
function played(units, jobs) {
  const free = Array.from({ length: jobs }, () => 0);
  const lines = units.map(([name, seconds]) => {
    const first = free.indexOf(Math.min(...free));
    const begin = free[first];
    free[first] += seconds;
    return [begin, `  CXX(target) ${name}`];
  });
  return { lines, end: Math.max(...free) };
}

for (const jobs of [1, 2, 4])
  for (const slowness of [0.5, 1, 4])
    test(`the time left is right within a fifth, ${jobs} at a time, ${slowness} times as slow`, () => {
      const units = [
        ...Array.from({ length: 6 }, (_, i) => [object(`build/groups/src-kernels.${i}`), 27]),
        ...Array.from({ length: 17 }, (_, i) => [object(`build/groups/src-files.${i}`), 15]),
        ...Array.from({ length: 4 }, (_, i) => [object(`src/part${i}`), 5]),
      ].map(([name, seconds]) => [name, seconds * slowness]);
      const { lines, end } = played(units, jobs);
      let clock = 0;
      const progress = new CompileProgress(jobs, () => 1000 * clock);
      progress.read(announcement(units.map(([name]) => name)));
      assert.equal(progress.total, units.length);
      lines.forEach(([time, line], i) => {
        clock = time;
        const { done, left } = progress.read(line);
        assert.equal(done, i + 1);
        if (i < jobs) assert.equal(left, undefined);
        else assert.ok(Math.abs(left - (end - time)) < 0.2 * end, `${left}, not ${end - time}`);
      });
    });
