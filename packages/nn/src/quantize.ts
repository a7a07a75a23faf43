import * as mx from '@mlx/core';
import {
  callback,
  describe,
  isPlainObject,
  nullable,
  optional,
  reader,
  within,
} from '@mlx/core/calls';
import { moduleLike } from './module-like';
import { Module } from './module';
import { layerQuantization, type LayerQuantization } from './quantized';

/** Decides about a layer: whether it is quantised, or how. */
export type ClassPredicate = (path: string, module: Module) => boolean | LayerQuantization;

/** Settings of {@link quantize}. */
export interface QuantizeOptions extends LayerQuantization {
  /** Decides about each layer that can be quantised; default: all are. */
  classPredicate?: ClassPredicate | null | undefined;
}

/** A layer that knows how to become its quantised kind. */
interface Quantizable {
  toQuantized(
    groupSize: number | null,
    bits: number | null,
    mode: mx.QuantizationMode,
    quantizeInput: boolean,
  ): Module;
}

function isQuantizable(module: Module): module is Module & Quantizable {
  return typeof (module as Partial<Quantizable>).toQuantized === 'function';
}

const readQuantize = reader('quantize', {
  model: moduleLike,
  ...layerQuantization,
  classPredicate: optional(nullable(callback<ClassPredicate>()), null),
});
const readChoice = reader('quantize', layerQuantization);

/**
 * Replaces the layers of a model that have a `toQuantized`, linear ones and embeddings, by quantised
 * ones, in place. If one of them can't be quantised as asked, an error tells so and the model stays
 * as it was.
 *
 * @param model - the model.
 * @param groupSize - weights that share a scale; default: the mode's.
 * @param bits - bits of a weight; default: the mode's.
 * @param mode - default `'affine'`.
 * @param quantizeInput - whether inputs are quantised too, which linear layers without bias can do
 *   in the modes nvfp4 and mxfp8; default false.
 * @param classPredicate - decides about each layer by its path: whether it is quantised, or how;
 *   default: all are.
 * @throws ShapeError if weights aren't whole groups; TypeError for formats that a mode doesn't have.
 *
 * @example
 * ```ts
 * import * as nn from '@mlx/nn';
 *
 * const model = new nn.Sequential(new nn.Linear(64, 64), nn.relu, new nn.Linear(64, 10));
 * nn.quantize(model, { bits: 8, classPredicate: (path) => path !== 'layers.2' });
 * model.layers.map((layer) => layer.constructor.name); // => ['QuantizedLinear', 'Function', 'Linear']
 * ```
 */
export function quantize(
  model: Module,
  groupSize?: number | null,
  bits?: number | null,
  mode?: mx.QuantizationMode,
  quantizeInput?: boolean,
  classPredicate?: ClassPredicate | null,
): void;
export function quantize(model: Module, options: QuantizeOptions | ClassPredicate): void;
export function quantize(
  model: Module,
  groupSize: number | null,
  bits: number | null,
  options: QuantizeOptions | ClassPredicate,
): void;
export function quantize(...values: unknown[]): void {
  const { model, classPredicate, ...common } = readQuantize(values);
  const convert = (path: string, module: Module): Module => {
    if (!isQuantizable(module)) return module;
    const choice: unknown = classPredicate === null ? true : classPredicate(path, module);
    if (choice === false) return module;
    if (choice !== true && !isPlainObject(choice))
      throw new TypeError(
        `[quantize] classPredicate must return a boolean or options, but got ${describe(choice)} ` +
          `for ${path}.`,
      );
    const own = readChoice([choice === true ? common : { ...common, ...choice }]);
    return module.toQuantized(own.groupSize, own.bits, own.mode, own.quantizeInput);
  };
  // A layer that stands in several places stays one.
  const converted = new Map<Module, Module>();
  const replace = (path: string, module: Module): Module => {
    const layer = converted.get(module) ?? convert(path, module);
    converted.set(module, layer);
    return layer;
  };
  const isLeaf = (value: unknown) => Module.isModule(value);
  const layers = within('quantize', () => model.leafModules());
  const quantized = mx.treeMapWithPath(replace, layers, [], isLeaf) as Record<string, unknown>;
  within('quantize', () => model.updateModules(quantized));
}
