// The kind `graphs`: a random graph of operations, computed in every way there is. What was
// computed operation by operation must be equal to the bit to what was computed at once, compiled,
// asynchronously, over several streams and with intermediate arrays released.

const dtypes = [
  'float32',
  'float32',
  'float32',
  'float16',
  'bfloat16',
  'int32',
  'uint8',
  'bool_',
  'complex64',
];
const unary = [
  'exp',
  'sin',
  'negative',
  'abs',
  'square',
  'sqrt',
  'tanh',
  'sigmoid',
  'log1p',
  'erf',
  'floor',
  'sign',
  'logicalNot',
  'isnan',
  'reciprocal',
  'stopGradient',
  'cos',
  'rsqrt',
  'expm1',
];
const binary = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'maximum',
  'minimum',
  'power',
  'greater',
  'equal',
  'logicalAnd',
  'remainder',
  'floorDivide',
  'logaddexp',
  'arctan2',
];
const reductions = ['sum', 'mean', 'max', 'min', 'prod', 'logsumexp', 'any', 'argmax', 'var'];
const scans = ['cumsum', 'cummax', 'sort', 'softmax', 'argsort', 'logcumsumexp'];
const sizes = [0, 1, 2, 3, 4, 7, 16, 33];

/** Builds the statements of one graph while it follows the shapes. */
class Graph {
  constructor(random) {
    this.random = random;
    this.values = [];
    this.texts = [];
    this.streams = 0;
  }

  input(name, shape) {
    this.values.push({ name, shape });
  }

  add(shape, expression) {
    const name = `v${this.values.length}`;
    this.texts.push(`const ${name} = step(${expression});`);
    this.values.push({ name, shape });
  }

  stream() {
    return `s[${this.streams++ % 3}]`;
  }

  /** Adds one operation on earlier values, the late ones more often. */
  grow() {
    const { random } = this;
    const a = this.pick();
    const b = this.pick();
    const axis = random.below(Math.max(1, a.shape.length));
    const s = this.stream();
    const hasAxis = a.shape.length > 0;
    switch (random.below(12)) {
      case 0:
      case 1:
      case 2:
        return this.add(a.shape, `mx.${random.pick(unary)}(${a.name}, ${s})`);
      case 3:
      case 4:
      case 5: {
        const shape = broadcast(a.shape, b.shape);
        const operation = random.pick(binary);
        if (shape === undefined)
          return this.add(
            a.shape,
            `mx.${operation}(${a.name}, ${random.pick(['2', '0.5', '-1'])}, ${s})`,
          );
        return this.add(shape, `mx.${operation}(${a.name}, ${b.name}, ${s})`);
      }
      case 6:
        if (!hasAxis || a.shape[axis] === 0) return;
        return this.add(
          a.shape.map((size, i) => (i === axis ? 1 : size)),
          `mx.${random.pick(reductions)}(${a.name}, ${axis}, true, ${s})`,
        );
      case 7:
        if (!hasAxis || a.shape[axis] === 0) return;
        return this.add(a.shape, `mx.${random.pick(scans)}(${a.name}, ${axis}, ${s})`);
      case 8:
        return this.add([...a.shape].reverse(), `mx.transpose(${a.name}, ${s})`);
      case 9: {
        if (!hasAxis || a.shape[axis] === 0) return;
        const shape = a.shape.map((size, i) => (i === axis ? Math.ceil(size / 2) : size));
        return this.add(
          shape,
          `${a.name}.index(${[...Array(axis).fill("':'"), random.pick(["'::2'", "'::-2'"])].join(', ')})`,
        );
      }
      case 10: {
        const [m, k] = a.shape;
        if (a.shape.length !== 2)
          return this.add(
            [size(a.shape)],
            `mx.reshape(${a.name}, [-1], ${s})`.replace('-1', String(size(a.shape))),
          );
        const other = this.values.find(({ shape }) => shape.length === 2 && shape[0] === k) ?? {
          name: `mx.transpose(${a.name})`,
          shape: [k, m],
        };
        return this.add(
          [m, other.shape[1]],
          `mx.matmul(${a.name}.astype(mx.float32), ${other.name}.astype(mx.float32), ${s})`,
        );
      }
      default: {
        if (random.chance(0.5))
          return this.add(a.shape, `${a.name}.astype(mx.${random.pick(dtypes)})`);
        const same = this.values.find(({ shape }) => String(shape) === String(a.shape));
        return this.add(
          a.shape,
          `mx.where(mx.greater(${a.name}.astype(mx.float32), 0), ${a.name}, ${same.name}, ${s})`,
        );
      }
    }
  }

  pick() {
    const { random, values } = this;
    return values[
      random.chance(0.5)
        ? random.below(values.length)
        : Math.max(0, values.length - 1 - random.below(4))
    ];
  }
}

function broadcast(a, b) {
  const length = Math.max(a.length, b.length);
  const shape = [];
  for (let i = 0; i < length; i++) {
    const x = a[a.length - length + i] ?? 1;
    const y = b[b.length - length + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

function size(shape) {
  return shape.reduce((product, one) => product * one, 1);
}

const comparison = [
  // NaNs are equal whatever their bits; zeros are not where their signs differ.
  `const text = (v) => (Object.is(v, -0) ? '-0' : String(v));`,
  `const bits = (list) => list.map((a) => [a.dtype.name, a.shape, Array.from((a.dtype.size === 2 ? a.astype(mx.float32) : a).toTypedArray(), text)].join());`,
  `const compare = (how, list) => { const got = bits(list); const at = got.findIndex((one, i) => one !== expected[i]); if (at >= 0) throw new Error(how + ' differs at output ' + at + ': ' + got[at].slice(0, 200) + ' instead of ' + expected[at].slice(0, 200)); };`,
];

export function makeGraph(random) {
  const graph = new Graph(random);
  const isLarge = random.chance(0.02);
  const base = isLarge ? [257, 129] : random.list(0, 3, () => random.pick(sizes));
  const inputs = random.list(1, 3, (_, i) => i).map((_, i) => `x${i}`);
  const made = inputs.map((name) => {
    const shape = random.chance(0.7) ? base : base.map((one) => (random.chance(0.5) ? 1 : one));
    graph.input(name, shape);
    return `mx.random.normal([${shape.join(', ')}]).multiply(3).astype(mx.${random.pick(dtypes)})`;
  });
  for (let i = random.between(2, isLarge ? 12 : 30); i > 0; i--) graph.grow();
  const outputs = graph.values.slice(-random.between(1, 3)).map(({ name }) => name);
  const dropped = graph.values.filter(
    ({ name }) => name.startsWith('v') && !outputs.includes(name) && random.chance(0.3),
  );
  const lines = (texts) => texts.map((text) => ({ text, simpler: [] }));
  const list = inputs.join(', ');
  const statements = [
    ...lines(comparison),
    ...lines(inputs.map((name, i) => `const ${name} = ${made[i]};`)),
    ...lines([`mx.eval(${list});`, `const f = (step, s, drop, ${list}) => {`]),
    ...lines(graph.texts),
    ...lines([
      `if (drop) mx.dispose([${dropped.map(({ name }) => name).join(', ')}]);`,
      `return [${outputs.join(', ')}];`,
      `};`,
      `const lazily = (v) => v;`,
      `const none = [];`,
      `const expected = bits(f((v) => { mx.eval(v); return v; }, none, false, ${list}));`,
      `compare('lazy', f(lazily, none, false, ${list}));`,
      `const compiled = mx.compile((...x) => f(lazily, none, false, ...x));`,
      `compare('compiled', compiled(${list}));`,
      `compare('compiled again', compiled(${list}));`,
    ]),
    ...lines(random.chance(0.5) ? [`compare('released', f(lazily, none, true, ${list}));`] : []),
    ...lines(
      random.chance(0.3)
        ? [
            `{ const outputs = f(lazily, none, false, ${list}); await mx.asyncEval(outputs); compare('asynchronous', outputs); }`,
          ]
        : [],
    ),
    ...lines(
      random.chance(0.3)
        ? [
            `compare('over streams', f(lazily, [mx.newStream(mx.cpu), mx.newStream(mx.cpu), undefined], false, ${list}));`,
          ]
        : [],
    ),
    ...lines(
      random.chance(0.3)
        ? [
            `compare('checkpointed', mx.checkpoint((...x) => f(lazily, none, false, ...x))(${list}));`,
          ]
        : [],
    ),
    ...lines(random.chance(0.5) ? derivative(list, inputs) : []),
    ...lines(
      random.chance(0.3)
        ? [
            `const batch = [${list}].map((x) => mx.stack([x, x, x]));`,
            `mx.eval(mx.vmap((...x) => f(lazily, none, false, ...x))(...batch));`,
          ]
        : [],
    ),
  ];
  return { label: 'graph', statements, names: [], isAsync: true };
}

/** The gradient of a sum, plain and compiled. */
function derivative(list, inputs) {
  const positions = inputs.map((_, i) => i).join(', ');
  return [
    `const loss = (...x) => f(lazily, none, false, ...x).map((y) => mx.real(y).astype(mx.float32).sum()).reduce((a, b) => mx.add(a, b));`,
    `const floats = [${list}].map((x) => x.astype(mx.float32));`,
    `const gradient = (...x) => mx.grad(loss, [${positions}])(...x);`,
    `const slopes = gradient(...floats);`,
    `mx.eval(slopes);`,
    `const same = bits(slopes);`,
    `bits(mx.compile(gradient)(...floats)).forEach((one, i) => { if (one !== same[i]) throw new Error('compiled gradient differs: ' + one.slice(0, 200) + ' instead of ' + same[i].slice(0, 200)); });`,
  ];
}
