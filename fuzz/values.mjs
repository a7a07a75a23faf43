// Arguments by the kinds that declarations name, as expressions.
import { hostileValue, integers, numbers } from './hostile.mjs';

const dtypes = [
  'bool_',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'bfloat16',
  'float32',
  'float64',
  'complex64',
];

const functions = [
  '(a) => a',
  '(...a) => a[0]',
  '(a, b) => mx.add(a, b ?? 1)',
  '(a) => mx.sum(a)',
  '(a) => mx.square(a).sum()',
  '(a) => [a, mx.exp(a)]',
  '(a) => { mx.eval(a); return a; }',
  '(a) => { mx.dispose(a); return a; }',
  '() => undefined',
  '() => 1',
  "() => 'text'",
  '(a) => ({ a })',
  'async (a) => a',
  '(...a) => a',
  '(a) => mx.grad((b) => b.sum())(a)',
  '() => { throw new Error("thrown by the case"); }',
  '() => mx.array([1, 2])',
  '(a) => a.index(0)',
  'mx.sin',
  '(m, p) => true',
  '(path, leaf) => leaf',
  '() => false',
  '(a) => mx.matmul(a, a.T)',
];

const names = [
  'a',
  'weight',
  'layers.0',
  '0',
  'x.npy',
  'x.npz',
  'x.safetensors',
  'x.gguf',
  'x.mlxfn',
  'none',
  'mean',
  'sum',
  'edge',
  'constant',
  'ij,jk->ik',
  'ij->ji',
  'i,i',
  '...i->...',
  '1:',
  '::-1',
  '...',
  'float32',
  'relu',
  'tanh',
  'affine',
  'mxfp4',
  'nearest',
  'linear',
  'cubic',
  'ortho',
  'fro',
  'nuc',
  'cpu',
  'gpu',
  'ij',
  'xy',
  'same',
  'full',
  'valid',
  'causal',
  'left',
  'right',
  'always',
  'upper',
  'lower',
];

const shapes = [
  '[]',
  '[0]',
  '[1]',
  '[3]',
  '[2, 3]',
  '[3, 2]',
  '[3, 3]',
  '[2, 0, 3]',
  '[1, 2, 3]',
  '[2, 1, 4]',
  '[2, 4, 4, 2]',
  '[64]',
  '[2, 64]',
  '[64, 32]',
];

/** Draws the arguments of one call: arrays of it tend to one shape and one dtype, so that calls succeed. */
export class Values {
  constructor(random, hostility = random.pick([0, 0.05, 0.3])) {
    this.random = random;
    this.hostility = hostility;
    this.shape = random.pick(shapes);
    this.dtype = random.chance(0.6) ? 'float32' : random.pick(dtypes);
  }

  array() {
    const { random } = this;
    const shape = random.chance(0.7) ? this.shape : random.pick(shapes);
    const dtype = random.chance(0.8) ? this.dtype : random.pick(dtypes);
    switch (random.below(12)) {
      case 0:
        return `mx.zeros(${shape}, mx.${dtype})`;
      case 1:
        return `mx.random.randint(0, 4, ${shape}).astype(mx.${dtype})`;
      case 2:
        return `mx.array([${random.list(0, 4, () => this.element(dtype)).join(', ')}], mx.${dtype})`;
      case 3:
        return `mx.random.normal(${shape}).astype(mx.${dtype}).T`;
      case 4:
        return `mx.broadcastTo(mx.array(1, mx.${dtype}), ${shape})`;
      case 5:
        return `mx.arange(24).astype(mx.${dtype}).index('::${random.pick([-1, 2, -3])}')`;
      case 6:
        return `mx.full(${shape}, ${random.pick(['NaN', 'Infinity', '-Infinity', '1e38', '-0'])})`;
      case 7:
        return `mx.array(${random.pick(['0', '1', '-1', '2.5', 'true', '3n', 'NaN'])})`;
      default:
        return `mx.random.normal(${shape}).astype(mx.${dtype})`;
    }
  }

  element(dtype) {
    if (dtype === 'bool_') return this.random.pick(['true', 'false']);
    if (/int/.test(dtype)) return this.random.pick(['0', '1', '2', '3', '127']);
    return this.random.pick([
      '0',
      '1',
      '-1',
      '0.5',
      'NaN',
      'Infinity',
      '-Infinity',
      '1e30',
      '-0',
      '1e-40',
    ]);
  }

  number() {
    const { random } = this;
    if (random.chance(this.hostility)) return random.pick(random.chance(0.5) ? integers : numbers);
    return random.pick([
      '0',
      '1',
      '2',
      '3',
      '4',
      '-1',
      '-2',
      '0.5',
      '0.1',
      '1e-5',
      '8',
      '32',
      '64',
    ]);
  }

  integer() {
    const { random } = this;
    if (random.chance(this.hostility)) return random.pick(integers);
    return String(random.between(-3, 5));
  }

  typedArray() {
    const { random } = this;
    const length = random.below(7);
    const kind = random.pick([
      'Int8',
      'Uint8',
      'Uint8Clamped',
      'Int16',
      'Uint16',
      'Int32',
      'Uint32',
      'Float32',
      'Float64',
      'BigInt64',
      'BigUint64',
    ]);
    if (random.chance(0.2)) return `new ${kind}Array(new ArrayBuffer(64), 8, ${length})`;
    return `new ${kind}Array(${length})`;
  }

  list(make, longest = 3) {
    return `[${this.random.list(0, longest, make).join(', ')}]`;
  }

  tree(depth = 0) {
    const { random } = this;
    if (depth > 2 || random.chance(0.4)) return this.array();
    if (random.chance(0.4)) return this.list(() => this.tree(depth + 1));
    const members = random.list(
      0,
      3,
      () => `${random.pick(['a', 'b', "'0'", "'x.y'", 'weight'])}: ${this.tree(depth + 1)}`,
    );
    return `{ ${members.join(', ')} }`;
  }

  arrayLike() {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
        return this.number();
      case 1:
        return this.list(() => this.number());
      case 2:
        return this.typedArray();
      case 3:
        return random.pick([
          'true',
          '2n',
          'mx.Complex(1, 2)',
          '[[1, 2, 3], [4, 5, 6]]',
          '[true, false]',
          '[1n]',
          '[mx.array([1, 2]), [3, 4]]',
        ]);
      default:
        return this.array();
    }
  }

  /** A value of a kind, seldom one of another. */
  of(kind) {
    const { random } = this;
    if (random.chance(this.hostility)) return hostileValue(random);
    if (kind === undefined) return this.any();
    if (kind.anyOf) return this.of(random.pick(kind.anyOf));
    if (kind.list) return this.list(() => this.of(kind.list));
    if (kind.tuple) return `[${kind.tuple.map((one) => this.of(one)).join(', ')}]`;
    if (kind.object) return this.object(kind.object);
    if (kind.literal !== undefined) return JSON.stringify(kind.literal);
    return this.named(kind.is);
  }

  object(members) {
    const { random } = this;
    const chosen = Object.entries(members).filter(() => random.chance(0.4));
    const written = chosen.map(([key, kind]) => `${JSON.stringify(key)}: ${this.of(kind)}`);
    return written.length === 0 ? '{}' : `{ ${written.join(', ')} }`;
  }

  named(is) {
    const { random } = this;
    switch (is) {
      case 'array':
        return random.chance(0.9) ? this.array() : this.arrayLike();
      case 'arrayLike':
        return this.arrayLike();
      case 'typedArray':
        return this.typedArray();
      case 'number':
        return random.chance(0.5) ? this.integer() : this.number();
      case 'boolean':
        return random.pick(['true', 'false']);
      case 'string':
        return JSON.stringify(random.pick(names));
      case 'bigint':
        return random.pick(['0n', '1n', '-1n', '2n ** 60n']);
      case 'null':
      case 'undefined':
        return is;
      case 'function':
        return random.pick(functions);
      case 'tree':
        return this.tree();
      case 'Dtype':
        return `mx.${random.pick(dtypes)}`;
      case 'Stream':
        return random.pick(['mx.defaultStream(mx.cpu)', 'mx.newStream(mx.cpu)']);
      case 'Device':
        return random.chance(0.9) ? 'mx.cpu' : random.pick(['mx.gpu', "mx.Device('cpu', 3)"]);
      case 'Complex':
        return 'mx.Complex(1, -2)';
      case 'Slice':
        return random.pick(['mx.Slice(1, null)', 'mx.Slice(null, null, -1)', 'mx.Slice(2 ** 40)']);
      case 'Module':
        return random.pick([
          'new nn.Linear(3, 2)',
          'new nn.Sequential(new nn.Linear(3, 3), nn.relu)',
          'new nn.LayerNorm(3)',
          'new nn.Embedding(4, 3)',
        ]);
      case 'Optimizer':
        return random.pick(['new optim.SGD(0.1)', 'new optim.Adam(0.1)']);
      default:
        return this.any();
    }
  }

  any() {
    const { random } = this;
    const makers = [
      () => this.array(),
      () => this.arrayLike(),
      () => this.number(),
      () => this.tree(),
      () => random.pick(functions),
      () => hostileValue(random),
    ];
    return random.pick(makers)();
  }
}
