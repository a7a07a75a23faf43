import * as mx from '@mlx/core';
import { testFixtures, type Compute } from '../fixtures.test-support';
import * as nn from '../index';

type Activation = (x: mx.array, ...settings: number[]) => mx.array;

const activations: Record<string, Activation> = {
  relu: nn.relu,
  relu2: nn.relu2,
  relu6: nn.relu6,
  leakyRelu: nn.leakyRelu,
  sigmoid: nn.sigmoid,
  tanh: nn.tanh,
  softmax: nn.softmax,
  logSoftmax: nn.logSoftmax,
  softmin: nn.softmin,
  elu: nn.elu,
  celu: nn.celu,
  selu: nn.selu,
  softplus: nn.softplus,
  softsign: nn.softsign,
  softshrink: nn.softshrink,
  hardShrink: nn.hardShrink,
  hardTanh: nn.hardTanh,
  hardswish: nn.hardswish,
  silu: nn.silu,
  logSigmoid: nn.logSigmoid,
  mish: nn.mish,
  gelu: nn.gelu,
  geluApprox: nn.geluApprox,
  geluFastApprox: nn.geluFastApprox,
  glu: nn.glu,
  step: nn.step,
};

testFixtures('nn_activations', {
  ...Object.fromEntries(
    Object.entries(activations).map(([name, activation]): [string, Compute] => [
      name,
      ([x], { settings }) => activation(x!, ...(settings as number[])),
    ]),
  ),
  prelu: ([x, alpha]) => nn.prelu(x!, alpha!),
});

test.each<[string, nn.Module & ((x: mx.array) => mx.array), Activation]>([
  ['ReLU', new nn.ReLU(), nn.relu],
  ['ReLU2', new nn.ReLU2(), nn.relu2],
  ['ReLU6', new nn.ReLU6(), nn.relu6],
  ['LeakyReLU', new nn.LeakyReLU(0.2), (x) => nn.leakyRelu(x, 0.2)],
  ['Sigmoid', new nn.Sigmoid(), nn.sigmoid],
  ['Tanh', new nn.Tanh(), nn.tanh],
  ['Softmax', new nn.Softmax(), nn.softmax],
  ['LogSoftmax', new nn.LogSoftmax(), nn.logSoftmax],
  ['Softmin', new nn.Softmin(), nn.softmin],
  ['ELU', new nn.ELU(0.5), (x) => nn.elu(x, 0.5)],
  ['CELU', new nn.CELU(0.5), (x) => nn.celu(x, 0.5)],
  ['SELU', new nn.SELU(), nn.selu],
  ['Softplus', new nn.Softplus(), nn.softplus],
  ['Softsign', new nn.Softsign(), nn.softsign],
  ['Softshrink', new nn.Softshrink(0.8), (x) => nn.softshrink(x, 0.8)],
  ['HardShrink', new nn.HardShrink(0.8), (x) => nn.hardShrink(x, 0.8)],
  ['HardTanh', new nn.HardTanh(), nn.hardTanh],
  ['Hardswish', new nn.Hardswish(), nn.hardswish],
  ['SiLU', new nn.SiLU(), nn.silu],
  ['LogSigmoid', new nn.LogSigmoid(), nn.logSigmoid],
  ['Mish', new nn.Mish(), nn.mish],
  ['GELU', new nn.GELU(), nn.gelu],
  ["GELU('precise')", new nn.GELU('precise'), nn.geluApprox],
  ["GELU('tanh')", new nn.GELU('tanh'), nn.geluApprox],
  ["GELU('fast')", new nn.GELU('fast'), nn.geluFastApprox],
  ['GLU', new nn.GLU(0), (x) => nn.glu(x, 0)],
  ['Step', new nn.Step(0.75), (x) => nn.step(x, 0.75)],
  ['PReLU', new nn.PReLU(3, 0.1), (x) => nn.prelu(x, mx.full([3], 0.1))],
])('%s computes what its function does', (_name, layer, activation) => {
  const x = mx.array([
    [-2.5, -0.5, 0.25],
    [0.7, 1.5, 4],
  ]);
  expect(layer(x).tolist()).toEqual(activation(x).tolist());
});

test('activations keep half precision', () => {
  for (const dtype of [mx.float16, mx.bfloat16])
    for (const activation of Object.values(activations))
      expect(activation(mx.array([-1, 2], dtype)).dtype).toBe(dtype);
});

test('an unknown approximation of GELU is an error that names the known ones', () => {
  expect(() => new nn.GELU('exact' as 'none')).toThrow("'none', 'precise', 'tanh' or 'fast'");
});

test('NaN passes through every activation but the step', () => {
  for (const [name, activation] of Object.entries(activations)) {
    if (name === 'step') continue;
    for (const dtype of [mx.float32, mx.float16, mx.bfloat16]) {
      const y = activation(mx.array([NaN, NaN], dtype));
      expect([name, mx.all(mx.isnan(y)).item()]).toEqual([name, true]);
    }
  }
});

test('a masked logit has no share, and infinite inputs have their limits', () => {
  const masked = mx.array([-Infinity, 100, 100]);
  expect(nn.softmax(masked).tolist()).toEqual([0, 0.5, 0.5]);
  expect(nn.logSoftmax(masked).tolist()).toEqual([
    -Infinity,
    ...Array(2).fill(-Math.fround(Math.LN2)),
  ]);
  const limits: [Activation, number, number][] = [
    [nn.relu, Infinity, 0],
    [nn.relu6, 6, 0],
    [nn.leakyRelu, Infinity, -Infinity],
    [nn.elu, Infinity, -1],
    [nn.celu, Infinity, -1],
    [nn.sigmoid, 1, 0],
    [nn.tanh, 1, -1],
    [nn.softplus, Infinity, 0],
    [nn.logSigmoid, -0, -Infinity],
    [nn.hardTanh, 1, -1],
    [nn.hardShrink, Infinity, -Infinity],
    [nn.softshrink, Infinity, -Infinity],
    [nn.step, 1, 0],
  ];
  for (const [activation, right, left] of limits)
    expect(activation(mx.array([Infinity, -Infinity])).tolist()).toEqual([right, left]);
});
