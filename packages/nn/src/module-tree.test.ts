import * as mx from '@mlx/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as nn from './index';

class Block extends nn.Module {
  attention = new nn.Linear(2, 3);
  norms = { before: new nn.GroupNorm(1, 2), after: [new nn.GroupNorm(1, 3)] };
  scales = { first: mx.ones([2]), rest: [mx.zeros([1]), mx.zeros([2])] };
  counts = mx.array([1, 2], mx.int32);
  _parent: nn.Module | null = null;
  _hidden = mx.ones([5]);

  forward(x: mx.array): mx.array {
    return this.attention(x);
  }
}

class Model extends nn.Module {
  blocks = [new Block(), new Block()];
  head = new nn.Linear(3, 1);

  constructor() {
    super();
    for (const block of this.blocks) block._parent = this;
  }

  forward(x: mx.array): mx.array {
    return this.head(this.blocks[0]!(x));
  }
}

/** A ring: a public member leads back to where it came from. */
class Ring extends nn.Module {
  layer = new nn.Linear(1, 1);
  next: nn.Module[] = [this];

  forward(x: mx.array): mx.array {
    return this.layer(x);
  }
}

const paths = (tree: object) =>
  (mx.treeFlatten(tree) as [string, unknown][]).map(([path]) => path).sort();

describe('private members', () => {
  test('are neither parameters nor children', () => {
    const block = new Model().blocks[0]!;
    expect(paths(block.parameters())).not.toContain('_hidden');
    expect(Object.keys(block.children()).sort()).toEqual(['attention', 'norms', 'scales']);
    expect(block.modules()).toHaveLength(4);
    expect(String(block)).not.toContain('_parent');
  });

  test('are in no file', () => {
    class Secret extends nn.Module {
      weight = mx.ones([1]);
      _cache = mx.ones([2]);
      readonly #table = mx.ones([3]);
      forward(x: mx.array): mx.array {
        return mx.add(x, mx.sum(this.#table));
      }
    }
    const folder = mkdtempSync(join(tmpdir(), 'mlx-nn-'));
    try {
      const file = join(folder, 'weights.npz');
      new Secret().saveWeights(file);
      expect(Object.keys(mx.load(file))).toEqual(['weight']);
      expect(
        new Secret()
          .loadWeights(file)(mx.zeros([1]))
          .item(),
      ).toBe(3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('keep what they hold when a dtype is set', () => {
    const block = new Block().setDtype(mx.float16);
    expect(block._hidden.dtype).toBe(mx.float32);
  });

  test('are those of modules: a key of an object may begin with an underscore', () => {
    class Named extends nn.Module {
      parts = { _first: new nn.Linear(1, 1) };
      forward(x: mx.array): mx.array {
        return x;
      }
    }
    const model = new Named();
    expect(model.namedModules().map(([path]) => path)).toEqual(['', 'parts._first']);
    expect(paths(model.freeze().parameters())).toEqual([
      'parts._first.bias',
      'parts._first.weight',
    ]);
    expect(paths(model.trainableParameters())).toEqual([]);
  });
});

describe('freeze and unfreeze', () => {
  test('a layer in a list thaws by itself after the whole model was frozen', () => {
    const model = new Model().freeze();
    expect(paths(model.trainableParameters())).toEqual([]);
    model.blocks[1]!.attention.unfreeze();
    expect(paths(model.trainableParameters())).toEqual([
      'blocks.1.attention.bias',
      'blocks.1.attention.weight',
    ]);
  });

  test('a layer that is put into a frozen model trains', () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2)).freeze();
    model.layers[1] = new nn.Linear(2, 2);
    expect(paths(model.trainableParameters())).toEqual(['layers.1.bias', 'layers.1.weight']);
  });

  test('keys name members, and arrays in lists and objects by their path', () => {
    const block = new Block().freeze(false, ['scales.rest.0', 'counts']);
    const frozen = () => {
      const trainable = new Set(paths(block.trainableParameters()));
      return paths(block.parameters()).filter((path) => !trainable.has(path));
    };
    expect(frozen()).toEqual(['counts', 'scales.rest.0']);
    block.freeze(false, 'scales');
    expect(frozen()).toEqual(['counts', 'scales.first', 'scales.rest.0', 'scales.rest.1']);
    block.unfreeze(false, 'scales');
    expect(frozen()).toEqual(['counts']);
    block.freeze(true, 'weight').unfreeze({ keys: 'counts' });
    expect(frozen()).toEqual(['attention.weight', 'norms.after.0.weight', 'norms.before.weight']);
    expect(block.unfreeze()).toBe(block);
    expect(frozen()).toEqual([]);
  });

  test('strict ones tell about a name that a module lacks', () => {
    const block = new Block();
    expect(() => block.freeze({ keys: 'weight', strict: true })).toThrow(
      '[Module.freeze] There is no member named weight in the module',
    );
    expect(() => block.unfreeze({ recurse: false, keys: ['nothing'], strict: true })).toThrow(
      '[Module.unfreeze] There is no member named nothing',
    );
    // Nothing was frozen by what failed below.
    expect(() => block.freeze({ keys: 'counts', strict: true })).toThrow('in attention');
    expect(paths(block.trainableParameters())).toEqual(paths(block.parameters()));
    expect(block.freeze({ recurse: false, keys: ['counts'], strict: true })).toBe(block);
  });

  test('what is frozen in a list keeps what training computes for it', () => {
    class Counting extends nn.Module {
      weight = mx.ones([1]);
      totals = [mx.zeros([1])];
      forward(x: mx.array): mx.array {
        this.totals[0] = mx.add(this.totals[0]!, 1);
        return mx.sum(mx.multiply(x, this.weight));
      }
    }
    const model = new Counting().freeze(false, 'totals.0');
    nn.valueAndGrad(model, () => model(mx.ones([1])))();
    expect(model.totals[0]!.tolist()).toEqual([1]);
  });
});

describe('setDtype', () => {
  test('casts floating parameters, also below, and leaves integers', () => {
    const model = new Model();
    expect(model.setDtype(mx.bfloat16)).toBe(model);
    for (const [path, a] of mx.treeFlatten(model.parameters()) as [string, mx.array][])
      expect(a.dtype).toBe(path.endsWith('counts') ? mx.int32 : mx.bfloat16);
  });

  test('a predicate decides by the dtype, and null casts all', () => {
    const block = new Block().setDtype(mx.float16, (dtype) => dtype === mx.int32);
    expect(block.counts.dtype).toBe(mx.float16);
    expect(block.attention.weight.dtype).toBe(mx.float32);
    block.counts = mx.array([1], mx.int32);
    expect(block.setDtype(mx.float16, null).counts.dtype).toBe(mx.float16);
  });
});

describe('update and updateModules', () => {
  test('updateModules replaces those that the tree names, in lists and objects too', () => {
    const model = new Model();
    const [head, inner, kept] = [
      new nn.Linear(3, 2),
      new nn.GroupNorm(1, 3),
      model.blocks[0]!.attention,
    ];
    expect(model.updateModules({ head, blocks: [{}, { norms: { after: [inner] } }] })).toBe(model);
    expect(model.head).toBe(head);
    expect(model.blocks[1]!.norms.after[0]).toBe(inner);
    expect(model.blocks[0]!.attention).toBe(kept);
  });

  test('updateModules tells about names that are no modules, unless lenient', () => {
    const model = new Model();
    const unknown = { blocks: [{ nothing: new nn.Linear(1, 1) }] };
    expect(() => model.updateModules(unknown)).toThrow('submodule named blocks.0.nothing');
    expect(() => model.updateModules({ blocks: [{ counts: new nn.Linear(1, 1) }] })).toThrow(
      'blocks.0.counts',
    );
    expect(model.updateModules(unknown, false)).toBe(model);
    expect(() => model.updateModules({ head: mx.ones([1]) })).toThrow(TypeError);
  });

  test('an array in the place of a module, and a module in that of an array, are errors', () => {
    const model = new Model();
    expect(() => model.update({ head: mx.ones([1]) })).toThrow('Expected a tree at head');
    expect(() => model.update({ head: { weight: { deep: mx.ones([1]) } } })).toThrow(
      'Expected an array for parameter head.weight',
    );
  });

  test('apply maps the arrays that a filter accepts', () => {
    const block = new Block();
    block.apply(
      (a) => mx.add(a, 1),
      (_module, key) => key.startsWith('scales'),
    );
    expect(block.scales.first.tolist()).toEqual([2, 2]);
    expect(block.scales.rest[1]!.tolist()).toEqual([1, 1]);
    expect(block.counts.tolist()).toEqual([1, 2]);
  });
});

describe('what is below a module', () => {
  test('children stop at the next modules, leafModules at the last', () => {
    const model = new Model();
    const isModule = (value: unknown) => nn.Module.isModule(value);
    const flat = (tree: object) =>
      (mx.treeFlatten(tree, '', isModule) as [string, unknown][]).map(([path]) => path).sort();
    expect(flat(model.children())).toEqual(['blocks.0', 'blocks.1', 'head']);
    const inBlock = ['attention', 'norms.after.0', 'norms.before'];
    expect(flat(model.leafModules())).toEqual([
      ...inBlock.map((path) => `blocks.0.${path}`),
      ...inBlock.map((path) => `blocks.1.${path}`),
      'head',
    ]);
    expect(model.leafModules().head).toBe(model.head);
  });

  test('namedModules and applyToModules visit each once, with its path', () => {
    const model = new Model();
    const visited: string[] = [];
    expect(model.applyToModules((path) => visited.push(path))).toBe(model);
    expect(visited).toEqual(model.namedModules().map(([path]) => path));
    expect(visited).toHaveLength(10);
    expect(new Set(model.modules()).size).toBe(10);
    expect(visited).toContain('blocks.1.norms.after.0');
  });

  test('a shared module stands at each of its places, and is counted once', () => {
    const layer = new nn.Linear(2, 2, false);
    const model = new nn.Sequential(layer, layer);
    expect(paths(model.parameters())).toEqual(['layers.0.weight', 'layers.1.weight']);
    expect(model.modules()).toHaveLength(2);
    expect(inspect(model)).toContain('4 parameters');
    layer.weight = mx.array([
      [1, 2],
      [3, 4],
    ]);
    // d sum(x W' W') / dW, as both uses of the weight contribute.
    const [, gradients] = nn.valueAndGrad(model, (x: mx.array) => mx.sum(model(x)))(
      mx.ones([1, 2]),
    );
    const total = (mx.treeFlatten(gradients) as [string, mx.array][])
      .map(([, gradient]) => gradient)
      .reduce((sum, gradient) => mx.add(sum, gradient));
    expect(total.tolist()).toEqual([
      [4 + 3, 4 + 7],
      [6 + 3, 6 + 7],
    ]);
  });

  test('a module below itself is left out there', () => {
    const ring = new Ring();
    expect(paths(ring.parameters())).toEqual(['layer.bias', 'layer.weight']);
    expect(paths(ring.freeze().trainableParameters())).toEqual([]);
    expect(ring.eval().training).toBe(false);
    expect(() => ring.leafModules()).not.toThrow();
    expect(ring.setDtype(mx.float16).layer.weight.dtype).toBe(mx.float16);
    expect(String(ring)).toBe(
      'Ring(\n  (layer): Linear(inputDims=1, outputDims=1, bias=true)\n  (next.0): Ring(...)\n)',
    );
    mx.eval(ring);
  });
});

/** A module with a member that may be anything. */
class Holder extends nn.Module {
  layer = new nn.Linear(1, 1);

  constructor(readonly held: unknown) {
    super();
  }

  forward(x: mx.array): mx.array {
    return this.layer(x);
  }
}

describe('members that contain themselves', () => {
  const list: unknown[] = [mx.zeros([1])];
  list.push(list);
  const object: Record<string, unknown> = { w: mx.zeros([1]) };
  object.self = { object };
  let deep: unknown = mx.zeros([1]);
  for (let i = 0; i < 20_000; i++) deep = [deep];
  let often: unknown = [mx.zeros([1])];
  for (let i = 0; i < 60; i++) often = [often, often];
  const sparse: unknown[] = [];
  sparse.length = 2 ** 32 - 1;

  const members = { list, object, deep, sparse };
  test.each(Object.entries(members))('%s: an error that names the method', (_, member) => {
    const model = new Holder(member);
    const x = mx.ones([1, 1]);
    const calls: [string, () => unknown][] = [
      ['Module.parameters', () => model.parameters()],
      ['Module.trainableParameters', () => model.trainableParameters()],
      ['Module.children', () => model.children()],
      ['Module.leafModules', () => model.leafModules()],
      ['Module.filterAndMap', () => model.filterAndMap(() => true)],
      ['Module.apply', () => model.apply((a) => a)],
      ['Module.setDtype', () => model.setDtype(mx.float16)],
      ['Module.freeze', () => model.freeze()],
      ['Module.saveWeights', () => model.saveWeights('no.npz')],
      ['eval', () => mx.eval(model)],
      ['treeFlatten', () => mx.treeFlatten(model)],
      ['valueAndGrad', () => nn.valueAndGrad(model, () => model(x).sum())()],
      ['quantize', () => nn.quantize(model)],
    ];
    for (const [name, call] of calls) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(`[${name}] `);
    }
  });

  test('what stands in itself a million times is refused too', () => {
    expect(() => new Holder(often).parameters()).toThrow(
      new RangeError('[Module.parameters] A tree has at most 1048576 nodes.'),
    );
  });

  test.each(Object.entries({ list, object, often, sparse }))(
    '%s: what looks for modules finds each once',
    (_, member) => {
      const model = new Holder(member);
      expect(model.namedModules().map(([path]) => path)).toEqual(['', 'layer']);
      expect(model.eval().training).toBe(false);
    },
  );

  test('private ones and those in a Map are looked at without end', () => {
    class Private extends Holder {
      _own = [list, object, deep, often, sparse];
      settings = new Map([['first', [list, sparse]]]);
    }
    expect(new Private(null).train().modules()).toHaveLength(2);
    expect(paths(new Private(null).parameters())).toEqual(['layer.bias', 'layer.weight']);
  });

  test('updates by trees that contain themselves', () => {
    const model = new Holder(list);
    const tree: Record<string, unknown> = { held: [mx.ones([1])] };
    (tree.held as unknown[]).push(tree.held);
    expect(() => model.update(tree as never)).toThrow(/^\[Module\.update\] The value is nested/);
    expect(() => model.updateModules({ held: list }, false)).toThrow(
      /^\[Module\.updateModules\] The value is nested/,
    );
  });

  test('a model in itself takes weights of PyTorch', () => {
    const weights = { 'layer.weight': mx.ones([1, 1]), 'layer.bias': mx.ones([1]) };
    const model = new Ring();
    expect(nn.fromPyTorch(model, weights).map(([path]) => path)).toEqual(Object.keys(weights));
  });
});

test('members that are read-only are refused by update', () => {
  const model = new Holder(Object.freeze({ w: mx.zeros([1]) }));
  expect(() => model.update({ held: { w: mx.ones([1]) } } as never)).toThrow(
    new TypeError(
      '[Module.update] The member held.w is read-only, so that no other array can take its place.',
    ),
  );
});

test('a layer below learns of its mode', () => {
  class Counted extends nn.Module {
    readonly modes: boolean[] = [];
    protected override setTraining(mode: boolean): void {
      super.setTraining(mode);
      this.modes.push(mode);
    }
    forward(x: mx.array): mx.array {
      return x;
    }
  }
  const layer = new Counted();
  new nn.Sequential(layer).eval().train();
  expect(layer.modes).toEqual([false, true]);
  expect(layer.training).toBe(true);
});

test('console.log writes the text, and how many parameters there are, private ones left out', () => {
  const text = inspect({ model: new nn.Sequential(new Block()) });
  expect(text).toContain('Sequential(\n');
  expect(inspect(new Block())).toBe(`${String(new Block())} // 26 parameters`);
  expect(inspect(new nn.Linear(999, 1000))).toBe(
    'Linear(inputDims=999, outputDims=1000, bias=true) // 1,000,000 parameters',
  );
});

test('text has the modules in lists and objects, each below its parent', () => {
  expect(String(new Block())).toBe(
    'Block(\n' +
      '  (attention): Linear(inputDims=2, outputDims=3, bias=true)\n' +
      '  (norms.before): GroupNorm(1, 2, eps=0.00001, affine=true, pytorchCompatible=false)\n' +
      '  (norms.after.0): GroupNorm(1, 3, eps=0.00001, affine=true, pytorchCompatible=false)\n' +
      ')',
  );
  expect(String(new nn.Sequential(new nn.Sequential(new nn.ReLU()), new nn.Dropout()))).toBe(
    'Sequential(\n' +
      '  (layers.0): Sequential(\n' +
      '    (layers.0): ReLU()\n' +
      '  )\n' +
      '  (layers.1): Dropout(p=0.5)\n' +
      ')',
  );
  expect(String(new nn.Upsample(2))).toBe(
    "Upsample(scaleFactor=2, mode='nearest', alignCorners=false)",
  );
});
