import * as mx from '@mlx/core';
import * as nn from './index';

const warnings: string[] = [];
beforeAll(() => {
  jest.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)));
});
afterAll(() => jest.restoreAllMocks());
beforeEach(() => (warnings.length = 0));

test('modules in a Map or a Set are an error', () => {
  class InMap extends nn.Module {
    layers = new Map([['first', new nn.Linear(2, 2)]]);
    forward() {}
  }
  class InSet extends nn.Module {
    layers = new Set([[new nn.Linear(2, 2)]]);
    forward() {}
  }
  expect(() => new InMap().parameters()).toThrow(
    '[Module.parameters] The member layers of InMap holds modules in a Map',
  );
  expect(() => new InSet().freeze()).toThrow(
    '[Module.freeze] The member layers of InSet holds modules in a Set',
  );
  class Nested extends nn.Module {
    blocks = { first: [new Map([[1, new Set([new nn.Linear(2, 2)])]])] };
    forward() {}
  }
  for (const method of ['parameters', 'trainableParameters', 'modules', 'freeze'] as const)
    expect(() => new Nested()[method]()).toThrow(
      `[Module.${method}] The member blocks.first.0 of Nested holds modules in a Map`,
    );
  class Settings extends nn.Module {
    settings = new Map([['width', 3]]);
    forward() {}
  }
  expect(new Settings().parameters()).toEqual({});
});

test('private members with parameters to train are warned of, once for a class', () => {
  class Private extends nn.Module {
    _layer = new nn.Linear(2, 2);
    forward() {}
  }
  class Frozen extends nn.Module {
    _layer = new nn.Linear(2, 2).freeze();
    forward() {}
  }
  new Frozen().train();
  expect(warnings).toEqual([]);
  for (const model of [new Private(), new Private()]) model.train();
  // What is known by another name trains.
  class Alias extends nn.Module {
    layer = new nn.Linear(2, 2);
    _same = this.layer;
    _parents: nn.Module[] = [];
    forward() {}
  }
  const child = new Alias();
  child._parents.push(new nn.Sequential(child as never));
  child.train();
  expect(warnings).toEqual([expect.stringContaining('[Private] The member _layer holds modules')]);
});

test('modules that only a forward knows are warned of when gradients are asked for', () => {
  class Outer extends nn.Module {
    readonly #hidden = new nn.Linear(2, 2);
    layer = new nn.Linear(2, 2);
    forward(x: mx.array): mx.array {
      return this.#hidden(this.layer(x));
    }
  }
  const model = new Outer();
  // A teacher that the loss calls is no part of the model.
  const teacher = new nn.Linear(2, 2);
  const step = nn.valueAndGrad(model, (x: mx.array) => mx.sum(mx.subtract(model(x), teacher(x))));
  step(mx.ones([1, 2]));
  step(mx.ones([1, 2]));
  expect(warnings).toEqual([expect.stringContaining('[Outer] It calls a Linear that is none of')]);
});
