import * as mx from '../index';
import { runScript } from '../memory/child-script.test-support';

afterEach(() => mx.setDefaultDevice(mx.cpu));

test('there is a GPU, and facts about it', () => {
  expect(mx.isAvailable(mx.gpu)).toBe(true);
  expect(mx.deviceCount('gpu')).toBe(1);
  expect(mx.deviceInfo(mx.gpu)).toMatchObject({
    device_name: expect.any(String) as string,
    architecture: expect.any(String) as string,
    memory_size: expect.any(Number) as number,
  });
  expect(mx.isAvailable(mx.Device('gpu', 1))).toBe(false);
  expect(() => mx.newStream(mx.Device('gpu', 1))).toThrow(
    '[newStream] Device(gpu, 1) is not available: the only one of its kind that is used is ' +
      'Device(gpu, 0).',
  );
});

test('a call computes where its stream, the scope around it or the default device says', () => {
  expect(mx.defaultDevice()).toBe(mx.cpu);
  const a = mx.array([1, 2, 3]);
  expect(a.add(1, mx.gpu).tolist()).toEqual([2, 3, 4]);
  const scope = mx.stream(mx.gpu);
  expect(mx.defaultDevice()).toBe(mx.gpu);
  expect(a.add(2).tolist()).toEqual([3, 4, 5]);
  scope[Symbol.dispose]();
  mx.setDefaultDevice(mx.gpu);
  expect(mx.defaultDevice()).toBe(mx.gpu);
  expect(a.add(3).tolist()).toEqual([4, 5, 6]);
  expect(mx.add(a, 4, mx.newStream(mx.gpu)).tolist()).toEqual([5, 6, 7]);
});

test('float64 is refused when the node is made, on the GPU alone', () => {
  const a = mx.array([1, 2], mx.float64);
  expect(a.add(1).tolist()).toEqual([2, 3]);
  mx.setDefaultDevice(mx.gpu);
  expect(() => a.add(1)).toThrow(
    new mx.DtypeError('[add] Device(gpu, 0) has no float64. Use float32, or name the CPU: mx.cpu.'),
  );
  expect(() => a.astype(mx.float32)).toThrow(mx.DtypeError);
  expect(() => mx.ones([2], mx.float64)).toThrow(mx.DtypeError);
  expect(() => mx.split(a, 2)).toThrow('[split]');
  expect(a.add(1, mx.cpu).tolist()).toEqual([2, 3]);
});

test('what only the CPU computes is computed there, unless the caller names the GPU', () => {
  mx.setDefaultDevice(mx.gpu);
  const a = mx
    .array([
      [2, 0],
      [0, 4],
    ])
    .add(0);
  const inverse = [
    [0.5, 0],
    [0, 0.25],
  ];
  expect(mx.linalg.inv(a).add(0).tolist()).toEqual(inverse);
  const scope = mx.stream(mx.gpu);
  expect(mx.linalg.inv(a).add(0).tolist()).toEqual(inverse);
  scope[Symbol.dispose]();
  expect(() => mx.linalg.inv(a, mx.gpu)).toThrow(
    new mx.EngineError(
      '[linalg.inv] Only the CPU computes this, not Device(gpu, 0): name no stream or device, ' +
        'or the CPU.',
    ),
  );
  expect(() => mx.linalg.norm(a, 'nuc', { stream: mx.gpu })).toThrow('[linalg.norm] Only the CPU');
  expect(() => mx.load('none.npy', { stream: mx.gpu })).toThrow('Only the CPU');
});

test('MLX_DEVICE names the default device', () => {
  const device = (value: string): Record<string, unknown> =>
    runScript(`
      process.env.MLX_DEVICE = ${JSON.stringify(value)};
      try {
        return { device: String(mx.defaultDevice()), sum: mx.ones([3]).add(1).tolist() };
      } catch (error) {
        return { error: error.message };
      }`);
  expect(device('gpu')).toEqual({ device: 'Device(gpu, 0)', sum: [2, 2, 2] });
  expect(device('cpu')).toEqual({ device: 'Device(cpu, 0)', sum: [2, 2, 2] });
  expect(device('cuda')).toEqual({
    error: '[defaultDevice] The environment variable MLX_DEVICE must be cpu or gpu but is "cuda".',
  });
});
