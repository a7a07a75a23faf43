import { runScript } from '../memory/child-script.test-support';
import * as mx from '../index';

const { distributed } = mx;

describe('a group of one', () => {
  test('is what init gives to a process by itself', () => {
    const world = distributed.init();
    expect(world).toBeInstanceOf(distributed.Group);
    expect(distributed.init(false, 'any')).toBe(world);
    expect([world.rank(), world.size()]).toEqual([0, 1]);
    expect(String(world)).toBe('Group(rank=0, size=1)');
    expect(() => world.split(0)).toThrow(mx.EngineError);
    expect(() => distributed.init(true)).toThrow(/\[distributed.init\] There is no group/);
    expect(() => distributed.init({ strict: true, backend: 'ring' })).toThrow(mx.EngineError);
  });

  test('gives arrays as they are', () => {
    const x = mx.array([[1, 2]], mx.float16);
    for (const call of [
      distributed.allSum,
      distributed.allMax,
      distributed.allMin,
      distributed.allGather,
      distributed.sumScatter,
    ]) {
      expect(call(x).tolist()).toEqual([[1, 2]]);
      expect(call(x, { group: distributed.init(), stream: mx.cpu }).dtype).toBe(mx.float16);
      expect(call([3], null, mx.cpu).tolist()).toEqual([3]);
    }
  });

  test('has nobody to talk to', () => {
    expect(() => distributed.send([1], 0)).toThrow(RangeError);
    expect(() => distributed.recv([2], mx.float32, 1)).toThrow(/^\[distributed.recv\] /);
    expect(() => distributed.recvLike([1], 0)).toThrow(/^\[distributed.recvLike\] /);
  });
});

describe('arguments', () => {
  test.each<[string, () => unknown, string]>([
    ['a backend', () => distributed.init(false, 'pigeons' as 'mpi'), 'distributed.init'],
    ['a time limit', () => distributed.init({ timeout: 0 }), 'distributed.init'],
    ['a group', () => distributed.allSum([1], 3 as never), 'distributed.allSum'],
    ['no array', () => distributed.allSum({} as never), 'distributed.allSum'],
    ['a rank', () => distributed.send([1], 0.5), 'distributed.send'],
    ['a shape', () => distributed.recv('2' as never, mx.float32, 0), 'distributed.recv'],
    [
      'too many',
      () => (distributed.init() as unknown as { rank(n: number): number }).rank(1),
      'distributed.Group.rank',
    ],
    ['a color', () => distributed.init().split('red' as never), 'distributed.Group.split'],
  ])('of a wrong kind name the call: %s', (_, call, name) => {
    expect(call).toThrow(new RegExp(`^\\[${name.replace('.', '\\.')}\\] `));
  });

  test('groups are made by init alone', () => {
    const Group = distributed.Group as unknown as new () => unknown;
    expect(() => new Group()).toThrow(TypeError);
    const { rank } = distributed.init();
    expect(() => rank()).toThrow(/^\[distributed.Group.rank\] /);
  });
});

describe('without Open MPI', () => {
  const attempt = (library: string, others: string, strict: boolean): [boolean, string] =>
    runScript(`
      process.env.MLX_MPI_LIBNAME = ${JSON.stringify(library)};
      ${others}
      const isAvailable = mx.distributed.isAvailable('mpi');
      try { return [isAvailable, String(mx.distributed.init(${strict}, 'mpi'))]; }
      catch (error) { return [isAvailable, error.message]; }`) as unknown as [boolean, string];

  test('a process by itself works, and one of several says what is missing', () => {
    const path = '/nowhere/libmpi.so';
    expect(attempt(path, '', false)).toEqual([false, 'Group(rank=0, size=1)']);
    expect(attempt(path, '', true)[1]).toContain(`there is no Open MPI (${path})`);
    // Each would train by itself and overwrite what the others save.
    const started = "process.env.OMPI_COMM_WORLD_SIZE = '2';";
    expect(attempt(path, started, false)[1]).toContain('was started by mpirun, but there is no');
  });

  test('a library that is none of it is named', () => {
    const library = process.platform === 'darwin' ? 'libz.dylib' : 'libm.so.6';
    const [isAvailable, message] = attempt(library, '', true);
    expect(isAvailable).toBe(false);
    expect(message).toContain(`${library} can't be used: it has no MPI_`);
  });
});
