import * as mx from '@mlx/core';
import * as nn from './index';

// What the compiler says is the test; the oldest TypeScript reads these files too, in publishing/.

/** Whether two types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function typeOf<A>(_value: A) {
  return { is<B>(_same: Same<A, B>): void {} };
}
const typed = (_program: () => void): void => undefined;
const x = mx.ones([2, 4]);

class Block extends nn.Module {
  readonly inner = new nn.Linear(4, 4);
  readonly norm = new nn.LayerNorm(4);
  readonly scale = mx.array(1);
  readonly table: Record<string, mx.array> = {};
  protected readonly _hidden = mx.array(2);
  constructor(readonly width = 4) {
    super();
  }
  forward(x: mx.array, mask?: mx.array): mx.array {
    return mask ? x : this.inner(x);
  }
  loss(x: mx.array): mx.array {
    return this.forward(x).sum();
  }
}

class Model extends nn.Module {
  readonly blocks = [new Block(), new Block()];
  readonly pair: [nn.Linear, nn.Embedding] = [new nn.Linear(4, 4), new nn.Embedding(3, 4)];
  forward(x: mx.array): mx.array {
    for (const block of this.blocks) x = block(x);
    return x;
  }
}

/** Around a layer of any kind. */
class Residual<L extends nn.Module> extends nn.Module {
  constructor(readonly layer: L) {
    super();
  }
  forward(x: mx.array): mx.array {
    const y = this.layer(x);
    return x.add(y).add(this.layer.forward(x));
  }
}

class Stack extends nn.Module {
  layers: nn.Module[] = [
    new nn.Linear(4, 4),
    new nn.ReLU(),
    new Block(),
    new Residual(new Block()),
  ];
  forward(x: mx.array): mx.array {
    let y = x;
    for (const layer of this.layers) y = layer(y);
    return this.layers.reduce((z, layer) => layer(z), y);
  }
}

test('a tree of parameters has the members of its module', () => {
  const model = new Model();
  typed(() => {
    const parameters = model.parameters();
    typeOf(parameters.blocks[0]!.scale).is<mx.array>(true);
    void parameters.blocks[0]?.inner.weight.shape;
    void parameters.blocks[0]?.inner.bias?.shape;
    void parameters.pair[1].weight.shape;
    void parameters.blocks[0]?.table.any?.shape;
    // @ts-expect-error -- a setting is no parameter
    void parameters.blocks[0]?.width;
    // @ts-expect-error -- nor is a method
    void parameters.blocks[0]?.loss;
    // @ts-expect-error -- nor what is private
    void parameters.blocks[0]?._hidden;
    // @ts-expect-error -- nor what the module lacks
    void parameters.heads;
    void model.update(parameters).trainableParameters().pair[0].weight.shape;
  });
  expect(new nn.Linear(3, 2).parameters().weight.shape).toEqual([2, 3]);
});

test('gradients and mapped trees keep their types', () => {
  typed(() => {
    const model = new Model();
    const step = nn.valueAndGrad(model, (a: mx.array) => model(a).sum());
    const [loss, gradients] = step(x);
    typeOf(loss).is<mx.array>(true);
    void gradients.blocks[0]?.inner.weight.shape;
    void mx.treeMap((g) => g.multiply(2), gradients).pair[1].weight.shape;
    void mx.treeMap((a) => a.size, model).pair[1].weight.toFixed();
    const leaves = mx.treeFlatten(model);
    typeOf(leaves).is<[string, mx.array][]>(true);
    const flat = mx.treeFlatten(model.parameters());
    typeOf(flat).is<[string, mx.array][]>(true);
    const any: nn.Module = model;
    const ofAny = mx.treeFlatten(any.parameters());
    typeOf(ofAny).is<[string, mx.array][]>(true);
    const size = mx.treeReduce((sum, a) => sum + a.size, model, 0);
    typeOf(size).is<number>(true);
    const ofTransformer = mx.treeFlatten(new nn.Transformer().parameters());
    typeOf(ofTransformer).is<[string, mx.array][]>(true);
    void mx.grad((m: Model) => m(x).sum())(model).pair[1].weight.shape;
  });
});

test('a loss that returns a promise is no loss', () => {
  typed(() => {
    const model = new Model();
    // @ts-expect-error -- it returns a promise
    nn.valueAndGrad(model, async (a: mx.array) => Promise.resolve(model(a)));
    // @ts-expect-error -- it may return one
    nn.valueAndGrad(model, (a: mx.array) => (a.size > 1 ? model(a) : Promise.resolve(a)));
  });
});

test('modules of any kind can be called, and known ones with what they take', () => {
  expect(new Stack()(x).shape).toEqual([2, 4]);
  typed(() => {
    const layer = new nn.Linear(4, 4);
    typeOf(layer(x)).is<mx.array>(true);
    layer([[1, 2, 3, 4]]);
    // @ts-expect-error -- it takes an array
    layer('x');
    // @ts-expect-error -- it takes one
    layer(x, x);
    // @ts-expect-error -- it needs one
    new Block()();
    void new Block()(x, x).shape;
    const wide: nn.Module & { forward(x: mx.array): mx.array } = layer;
    void wide(x).shape;
    const wrapped = new Residual(new nn.LSTM(4, 4));
    void wrapped.layer.parameters().Wx.shape;
    void wrapped.parameters().layer.Wx.shape;
  });
});
