import { EarlyStopping } from '../index';

test.each([
  ['min', 1],
  ['max', -1],
] as const)('patience runs out after values that are no better (%s)', (mode, sign) => {
  const stopping = new EarlyStopping(3, { minDelta: 0.5, mode });
  const seen = [5, 4, 3.75, NaN, 3.25, 3, 2.8, 3].map((value) => {
    const isBest = stopping.update(sign * value);
    return [isBest, stopping.shouldStop];
  });
  expect(seen).toEqual([
    [true, false],
    [true, false],
    [false, false],
    [false, false],
    [true, false],
    [false, false],
    [false, false],
    [false, true],
  ]);
  expect(stopping.best).toBe(sign * 3.25);
});

test('the state goes on elsewhere', () => {
  const first = new EarlyStopping(2);
  first.update(0.1);
  first.update(0.2);
  const second = new EarlyStopping(2);
  second.state = first.state;
  expect(second.best).toBe(0.1);
  second.update(0.1);
  expect(second.shouldStop).toBe(true);
  expect(() => (second.state = { best: [] })).toThrow(
    '[EarlyStopping.state] Expected an object with best, waited, but best is [].',
  );
});
