import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// Lists may run anything when they are read. What crashes here would end the tests' own process.

const dist = join(__dirname, '..', '..', 'dist');

/** What a program prints that has `mx`, an array `victim`, and `attack`, which takes it away. */
function printed(code: string): string {
  const program = `
    const mx = require(${JSON.stringify(join(dist, 'index.js'))});
    let victim = mx.array([[1, 2], [3, 4]]);
    const attack = () => {
      mx.dispose(victim);
      // So many that the slots move.
      for (let i = 0; i < 5000; i++) mx.array(i);
    };
    const evil = (...numbers) => {
      const list = [...numbers];
      return Object.defineProperty(list, 0, { get: () => (attack(), numbers[0]) });
    };
    const evilProxy = (...numbers) =>
      new Proxy(numbers, { get: (list, key) => (key === '0' && attack(), Reflect.get(list, key)) });
    ${code}`;
  return execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 120_000 });
}

test('lists with getters and proxies that dispose the array they come with', () => {
  const text = printed(`
    const calls = {
      reshape: (list) => mx.reshape(victim, list(4)),
      broadcastTo: (list) => mx.broadcastTo(victim, list(2, 2)),
      transpose: (list) => mx.transpose(victim, list(1, 0)),
      sum: (list) => mx.sum(victim, list(0)),
      std: (list) => mx.std(victim, list(0)),
      flip: (list) => mx.flip(victim, list(0)),
      tile: (list) => mx.tile(victim, list(2)),
      squeeze: (list) => mx.squeeze(victim, list(0)),
      expandDims: (list) => mx.expandDims(victim, list(0)),
      split: (list) => mx.split(victim, list(1)),
      norm: (list) => mx.linalg.norm(victim, 2, list(0)),
      roll: (list) => mx.roll(victim, list(1), [0]),
      pad: (list) => mx.pad(victim, list(1, 1)),
      asStrided: (list) => mx.asStrided(victim, list(2), [1]),
      take: (list) => mx.take(victim, list(1)),
      index: (list) => victim.index(list(1)),
      indexPut_: (list) => victim.indexPut_([list(1)], 5),
      fft: (list) => mx.fft.fft2(victim, list(2, 2)),
      concatenate: (list) => mx.concatenate([victim, list(1, 2)], null),
      add: (list) => victim.add(list(1, 2)),
      full: (list) => mx.full(list(2), victim),
      tensordot: (list) => mx.tensordot(victim, victim, list(1)),
      einsum: (list) => mx.einsum('ij,j->i', victim, list(1, 2)),
      conv: (list) => mx.convGeneral(victim, victim, list(1)),
      random: (list) => mx.random.uniform(0, victim, list(2, 2)),
    };
    for (const [name, call] of Object.entries(calls))
      for (const list of [evil, evilProxy]) {
        victim = mx.array([[1, 2], [3, 4]]);
        try {
          const result = call(list);
          mx.eval(result);
        } catch (error) {
          if (!/^\\[[\\w.]+\\] /.test(error.message)) console.log(name, error);
        }
      }
    console.log('lived');`);
  expect(text).toBe('lived\n');
});

test('the addon itself looks arrays up after it has read all lists', () => {
  const text = printed(`
    const { native } = require(${JSON.stringify(join(dist, 'addon', 'native.js'))});
    const holders = [{}, {}, {}];
    const float32 = 10;
    let id = native.zeros(holders[0], [4], float32);
    const list = Object.defineProperty([2, 2], 0, {
      get() {
        native.release([id]);
        for (let i = 0; i < 5000; i++) mx.array(i);
        return 2;
      },
    });
    console.log(native.reshape(holders[1], id, list), native.takeError()[1].slice(0, 31));
    const throwing = Object.defineProperty([2, 2], 1, { get() { throw new Error('inside'); } });
    id = native.zeros(holders[2], [4], float32);
    try {
      native.reshape({}, id, throwing);
    } catch (error) {
      console.log(error.message);
    }`);
  expect(text).toBe('undefined [array] This array was released\ninside\n');
});

test('an exporter that its own function closes or calls', () => {
  const text = printed(`
    const file = require('node:path').join(require('node:os').tmpdir(), 'mlx-reentrance-' + process.pid);
    for (const attack of [(e) => e.close(), (e) => e(mx.ones([2]))]) {
      const exporter = mx.exporter(file, (x) => {
        try {
          attack(exporter);
        } catch (error) {
          console.log(error.name, error.message);
        }
        return x.add(1);
      });
      exporter(mx.ones([3]));
      exporter.close();
      console.log(mx.importFunction(file)(mx.ones([3]))[0].tolist());
    }
    require('node:fs').rmSync(file);`);
  const refusal =
    'TypeError [exporter] An exporter can be neither called nor closed by the function that it traces.\n';
  expect(text).toBe(`${refusal}[ 2, 2, 2 ]\n`.repeat(2));
});
