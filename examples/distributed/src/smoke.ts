// The loss curves of 2 and 4 processes against that of one, for `npm test`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const core = dirname(createRequire(__filename).resolve('@mlx/core'));
const launcher = join(core, 'launch', 'cli.js');

function curveOf(name: string, steps: number, processes: number): number[] {
  const line = [launcher, '-n', `${processes}`, join(__dirname, 'curve.js'), name, `${steps}`];
  const output = execFileSync(process.execPath, line, { encoding: 'utf8', timeout: 300_000 });
  const [, json] = output.match(/losses (\[.*\])/)!;
  return JSON.parse(json!) as number[];
}

for (const [name, steps] of [
  ['digits', 30],
  ['speeches', 20],
] as const) {
  const alone = curveOf(name, steps, 1);
  assert.ok(alone.at(-1)! < 0.9 * alone[0]!, `${name}: loss ${alone[0]} to ${alone.at(-1)}`);
  for (const processes of [2, 4]) {
    const curve = curveOf(name, steps, processes);
    const apart = Math.max(...curve.map((loss, i) => Math.abs(loss / alone[i]! - 1)));
    // Sums in another order: 6e-8 an addition, which the steps hand on.
    assert.ok(apart < 1e-5, `${name}: ${processes} processes are ${apart} from one`);
    console.log(`${name}: ${processes} processes, losses within ${apart.toExponential(1)}`);
    if (processes === 4)
      assert.deepEqual(curveOf(name, steps, 4), curve, 'another run, other bits');
  }
}
