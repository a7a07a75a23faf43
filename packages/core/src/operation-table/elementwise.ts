import * as mx from '../index';
import {
  all,
  floats,
  inexact,
  input,
  integers,
  mask,
  named,
  numbers,
  operation,
  reals,
  sample,
  type Operation,
  type Options,
} from './operation';
import { between, elsewhere, ternary, type Values } from './values';

// One size is odd and longer than any vector register, so that both loop and tail run.
const shapes = [[], [37], [3, 5], [2, 1, 4], [0, 3]];
const pairs = [
  [[], []],
  [[37], [37]],
  [
    [3, 1],
    [1, 5],
  ],
  [[2, 3, 4], [4]],
  [
    [0, 3],
    [1, 3],
  ],
];

function unary(name: string, values: Values, options: Partial<Options> = {}): Operation {
  const call = named(name);
  return operation(
    name,
    shapes.map((shape) => sample((a) => call(a), input(shape, values))),
    options,
  );
}

function binary(
  name: string,
  values: readonly [Values, Values],
  options: Partial<Options> = {},
): Operation {
  const call = named(name);
  return operation(
    name,
    pairs.map(([a, b]) => sample((x, y) => call(x, y), input(a!, values[0]), input(b!, values[1]))),
    options,
  );
}

const wide = between(-3, 3);
const positive = between(0.2, 3);
const inside = between(-0.8, 0.8);
const withComplex = { dtypes: [...reals, mx.complex64] };
const real = { dtypes: reals };
const any = { dtypes: all };
const whole = { dtypes: [...integers, mx.bool_], differentiable: false };
const predicate = { dtypes: all, differentiable: false };
// Apart from each other, so that no pair is near a kink.
const apart = [wide, elsewhere(-3, 3)] as const;
const nonzero = [wide, elsewhere(1, 3)] as const;
// Some pairs are equal.
const coarse = [ternary, ternary] as const;
const small = between(0, 3);

export const elementwise: readonly Operation[] = [
  unary('sin', wide, withComplex),
  unary('cos', wide, withComplex),
  unary('tan', between(-1.2, 1.2), { ...withComplex, ulps: 8 }),
  unary('arcsin', inside, withComplex),
  unary('arccos', inside, withComplex),
  unary('arctan', inside, withComplex),
  unary('sinh', wide, withComplex),
  unary('cosh', wide, withComplex),
  unary('tanh', wide, withComplex),
  unary('arcsinh', wide, real),
  // The branch points are at i and -i.
  unary('arcsinh', inside, { dtypes: [mx.complex64] }),
  unary('arccosh', between(1.2, 3), withComplex),
  unary('arctanh', inside, withComplex),
  unary('degrees', wide, real),
  unary('radians', wide, real),
  unary('abs', wide, any),
  unary('negative', wide, { dtypes: numbers }),
  unary('positive', wide, any),
  unary('sign', wide, any),
  unary('floor', wide, real),
  unary('ceil', wide, real),
  unary('trunc', wide, real),
  unary('square', wide, any),
  unary('sqrt', positive, withComplex),
  unary('rsqrt', positive, withComplex),
  unary('reciprocal', positive, withComplex),
  unary('exp', wide, withComplex),
  unary('expm1', wide, withComplex),
  unary('log', positive, withComplex),
  unary('log2', positive, withComplex),
  unary('log10', positive, withComplex),
  unary('log1p', positive, withComplex),
  unary('sigmoid', wide, withComplex),
  unary('erf', wide, real),
  unary('erfinv', inside, real),
  unary('logicalNot', wide, predicate),
  unary('bitwiseInvert', wide, { ...whole, dtypes: integers }),
  // True is no number whose bits are inverted.
  unary('bitwiseInvert', wide, { ...whole, dtypes: [mx.bool_], widens: false }),
  unary('isnan', wide, predicate),
  unary('isinf', wide, predicate),
  unary('isfinite', wide, predicate),
  unary('isposinf', wide, { ...predicate, dtypes: [...reals, mx.bool_] }),
  unary('isneginf', wide, { ...predicate, dtypes: [...reals, mx.bool_] }),
  unary('conjugate', wide, any),
  unary('real', wide, any),
  unary('imag', wide, any),
  operation(
    'round',
    [
      sample((a) => mx.round(a), input([37], wide)),
      sample((a) => mx.round(a, 1), input([3, 5], wide)),
      sample((a) => mx.round(a, -1), input([4], between(-30, 30))),
    ],
    real,
  ),
  operation(
    'nanToNum',
    [
      sample((a) => mx.nanToNum(a), input([3, 5], wide)),
      sample(
        (a) => mx.nanToNum(mx.where(mx.greater(a, 1), Infinity, a), 1, 2, 3),
        input([9], wide),
      ),
    ],
    { dtypes: floats },
  ),
  binary('add', apart, any),
  binary('subtract', apart, { dtypes: numbers }),
  binary('multiply', apart, any),
  binary('divide', nonzero, any),
  binary('floorDivide', nonzero, real),
  binary('remainder', nonzero, real),
  binary('divmod', nonzero, real),
  binary('power', [positive, wide], { dtypes: inexact, ulps: 8 }),
  binary('maximum', apart, any),
  binary('minimum', apart, any),
  binary('logaddexp', apart, { dtypes: inexact }),
  binary('arctan2', apart, { dtypes: floats }),
  binary('equal', coarse, predicate),
  binary('notEqual', coarse, predicate),
  binary('less', coarse, predicate),
  binary('lessEqual', coarse, predicate),
  binary('greater', coarse, predicate),
  binary('greaterEqual', coarse, predicate),
  binary('logicalAnd', apart, predicate),
  binary('logicalOr', apart, predicate),
  binary('logicalXor', apart, predicate),
  binary('bitwiseAnd', apart, whole),
  binary('bitwiseOr', apart, whole),
  binary('bitwiseXor', apart, whole),
  binary('leftShift', [small, small], { ...whole, dtypes: integers }),
  binary('rightShift', [small, small], { ...whole, dtypes: integers }),
  binary('isclose', coarse, predicate),
  binary('allclose', coarse, predicate),
  operation(
    'arrayEqual',
    [
      sample((a, b) => mx.arrayEqual(a, b), [3, 5], [3, 5]),
      sample((a) => mx.arrayEqual(a, a), [3, 5]),
    ],
    predicate,
  ),
  operation(
    'where',
    [
      sample((c, a, b) => mx.where(c, a, b), mask([37]), [37], [37]),
      sample((c, a, b) => mx.where(c, a, b), mask([3, 1]), [5], [2, 1, 1]),
      sample((c, a, b) => mx.where(c, a, b), mask([]), [0, 3], [3]),
    ],
    any,
  ),
  operation(
    'clip',
    [
      sample((a) => mx.clip(a, -1, 1), [37]),
      sample((a, low) => mx.clip(a, low, null), [3, 5], input([5], elsewhere(-1, 0))),
      sample(
        (a, low, high) => mx.clip(a, low, high),
        [3, 5],
        input([5], elsewhere(-1, 0)),
        input([3, 1], elsewhere(0.5, 1.5)),
      ),
    ],
    { dtypes: [...floats, mx.int8, mx.int32, mx.int64] },
  ),
  operation(
    'astype',
    [mx.float32, mx.float64, mx.complex64].map((dtype) =>
      sample((a) => mx.astype(a, dtype), [3, 5]),
    ),
    any,
  ),
  operation(
    'astype',
    [mx.float16, mx.bfloat16, ...integers, mx.bool_].map((dtype) =>
      sample((a) => mx.astype(a, dtype), [3, 5]),
    ),
    // Differences would see the steps of the narrow dtypes.
    predicate,
  ),
  operation('stopGradient', [sample((a) => mx.stopGradient(a), [3, 5])], {
    dtypes: all,
    differentiable: false,
  }),
  operation('depends', [sample((a, b) => mx.depends(a, b), [3, 5], [2])], any),
];
