import * as mx from '@mlx/core';
import { argumentsOf, checkResult, type Core } from '../../../fixtures/check';
import { loadFixtures } from '../../../fixtures/load';
import * as nn from './index';

/** What a case says beside its arrays. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each function knows its own
export type Settings = Record<string, any>;

/** A layer or loss as a map from arrays to an array. */
export type Compute = (inputs: mx.array[], settings: Settings) => mx.array;

/** A layer with given parameters; those that are undefined are left out. */
export function withParameters<M extends nn.Module>(
  layer: M,
  parameters: Record<string, mx.array | undefined>,
): M {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return layer.update(mx.treeUnflatten(given) as nn.ParameterTree);
}

/** Tests every case of a fixture file: values, and gradients where its name ends in `/grad`. */
export function testFixtures(file: string, functions: Record<string, Compute>): void {
  const fixtures = loadFixtures(file);
  const core = mx as unknown as Core;
  const cases = fixtures.cases.map((test, i) => [`${test.function} ${i}`, test] as const);
  test.each(cases)('%s agrees with its reference', (_name, test) => {
    const [name, gradient] = test.function.split('/grad') as [string, string?];
    const inputs = argumentsOf(core, fixtures, test.args) as mx.array[];
    const compute = (...args: mx.array[]) => functions[name]!(args, test.options ?? {});
    if (gradient === undefined) {
      checkResult(core, fixtures, test, compute(...inputs));
      return;
    }
    const weights = inputs.pop()!;
    const loss = (...args: mx.array[]) => mx.sum(mx.multiply(compute(...args), weights));
    const result = mx.grad(loss, Number(gradient))(...inputs) as mx.array;
    checkResult(core, fixtures, test, result);
  });

  test(`every function of ${file} has cases, and every case its function`, () => {
    const names = new Set(fixtures.cases.map((test) => test.function.split('/')[0]!));
    expect([...names].sort()).toEqual(Object.keys(functions).sort());
  });
}
