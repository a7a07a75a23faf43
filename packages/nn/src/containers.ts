import type * as mx from '@mlx/core';
import { copyList, describe } from '@mlx/core/calls';
import { checkMethods } from './inputs';
import { isModuleClass } from './is-module';
import { Module } from './module';

/** What may stand in a {@link Sequential}: modules of one argument, and plain functions. */
export type Layer = (x: mx.array) => mx.array;

/**
 * Calls layers one after another.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 *
 * const model = new nn.Sequential(new nn.Linear(4, 8), nn.relu, new nn.Linear(8, 2));
 * model(mx.zeros([3, 4])).shape; // => [3, 2]
 * ```
 */
export class Sequential extends Module {
  layers: Layer[];

  /** @param layers - modules and functions, also as one list. */
  constructor(...layers: Layer[] | [readonly Layer[]]) {
    super();
    const [first] = layers;
    const list =
      layers.length === 1 && Array.isArray(first)
        ? copyList(first as Layer[], 'Sequential')
        : layers;
    list.forEach((layer: unknown, i) => {
      if (isModuleClass(layer))
        throw new TypeError(
          `[Sequential] Layer ${i} is the class ${(layer as { name: string }).name}; make one by new.`,
        );
      if (typeof layer !== 'function')
        throw new TypeError(
          `[Sequential] Layers must be modules or functions, but layer ${i} is ${describe(layer)}.`,
        );
    });
    this.layers = list as Layer[];
  }

  static {
    checkMethods(this);
  }

  /** @param x - what the first layer takes. */
  forward(x: mx.array): mx.array {
    return this.layers.reduce((y, layer) => layer(y), x);
  }
}
