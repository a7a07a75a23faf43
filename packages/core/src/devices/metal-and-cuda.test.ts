import * as mx from '../index';

test('a machine without a GPU says so', () => {
  expect(mx.cuda.isAvailable()).toBe(false);
  expect(mx.metal.isAvailable()).toBe(false);
  expect(() => mx.metal.deviceInfo()).toThrow(mx.EngineError);
  expect(() => mx.cuda.deviceInfo()).toThrow('[cuda.deviceInfo] There is no usable CUDA device: ');
  expect(() => mx.metal.startCapture('trace.gputrace')).toThrow('[metal.startCapture]');
  expect(() => mx.metal.stopCapture()).toThrow(mx.EngineError);
});
