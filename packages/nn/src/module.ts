import * as mx from '@mlx/core';
import {
  Walk,
  checkReceivers,
  isPlainObject,
  reader,
  refuseArguments,
  within,
} from '@mlx/core/calls';
import { Callable, type Inputs } from './callable';
import { describeModule, inspectModule } from './describe';
import { internals } from './internals';
import { collectMembers, modulesOf } from './members';
import * as parameters from './module-parameters';
import { updateModuleTree, updateTree } from './module-updates';
import { toFileName } from './names';
import type { ParameterTree, ParametersOf } from './parameter-types';
import { readWeights } from './weight-files';
import { weightTree } from './weight-names';

export type { ParameterTree, ParametersOf };

/** Decides about one member of a module. */
export type ModuleFilter = (module: Module, key: string, value: unknown) => boolean;

type Tree = Record<string, unknown>;

const readFilterAndMap = reader('Module.filterAndMap', parameters.filterAndMap);
const readUpdate = reader('Module.update', parameters.update);
const readApply = reader('Module.apply', parameters.apply);
const readUpdateModules = reader('Module.updateModules', parameters.updateModules);
const readApplyToModules = reader('Module.applyToModules', parameters.applyToModules);
const readFreeze = reader('Module.freeze', parameters.freeze);
const readUnfreeze = reader('Module.unfreeze', parameters.freeze);
const readTrain = reader('Module.train', parameters.train);
const readSetDtype = reader('Module.setDtype', parameters.setDtype);
const readSaveWeights = reader('Module.saveWeights', parameters.saveWeights);
const readLoadWeights = reader('Module.loadWeights', parameters.loadWeights);

/** A module is called like the function that its `forward` is. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export interface Module {
  /**
   * Computes the module's outputs; the same as `forward`.
   *
   * @param args - what `forward` takes.
   */
  (...args: Inputs<this>): ReturnType<this['forward']>;
}

/**
 * Base of all layers and models. A subclass declares arrays and modules as plain members, also
 * inside lists and objects, and computes in `forward`. Members whose name begins with `_` or `#`
 * are private: neither parameters nor children.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 *
 * class Scale extends nn.Module {
 *   factor = mx.array(2);
 *   forward(x: mx.array): mx.array {
 *     return x.multiply(this.factor);
 *   }
 * }
 * new Scale()(mx.array([1, 2])).tolist(); // => [2, 4]
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export abstract class Module extends Callable {
  #training = true;
  readonly #frozen = new Set<string>();

  /**
   * Computes the module's outputs; `module(x)` calls it.
   *
   * @param args - whatever the subclass declares.
   */
  // A subclass may declare whichever it needs, and a list of modules can be called.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  abstract forward(...args: any[]): any;

  /** Whether the module trains (the default) or evaluates: dropout and normalisation differ. */
  get training(): boolean {
    return this.#training;
  }

  /** The module itself, which is its own tree of state. */
  get state(): this {
    return this;
  }

  static {
    checkReceivers(this, (value) => Module.isModule(value), 'a module', {
      training: 'train() and eval() set it',
      state: 'update(parameters) and loadWeights(file) set the arrays in it',
    });
  }

  /** Whether a value is a module, of this or another copy of the package. */
  static isModule(value: unknown): value is Module {
    return typeof value === 'function' && value instanceof Module;
  }

  /** Accepts members that are modules, or may contain some, and are not private. */
  static validChildFilter(this: void, _module: Module, key: string, value: unknown): boolean {
    return (
      !key.startsWith('_') &&
      (Module.isModule(value) || Array.isArray(value) || isPlainObject(value))
    );
  }

  /** Accepts members that are arrays, or may contain some, and are not private. */
  static validParameterFilter(this: void, _module: Module, key: string, value: unknown): boolean {
    return (
      !key.startsWith('_') &&
      (value instanceof mx.array ||
        Module.isModule(value) ||
        Array.isArray(value) ||
        isPlainObject(value))
    );
  }

  /** Accepts what {@link validParameterFilter} does, less the frozen ones. */
  static trainableParameterFilter(
    this: void,
    module: Module,
    key: string,
    value: unknown,
  ): boolean {
    return Module.validParameterFilter(module, key, value) && !module.#frozen.has(key);
  }

  /**
   * Collects members into a plain tree. A module that stands below itself is left out there.
   *
   * @param filterFn - which members to take; inside a list or object the key is a dotted path.
   * @param mapFn - what to do with each leaf; default: nothing.
   * @param isLeafFn - where to stop; default: at what is no module, list or plain object.
   */
  filterAndMap(
    filterFn: ModuleFilter,
    mapFn?: ((value: unknown) => unknown) | null,
    isLeafFn?: ModuleFilter | null,
  ): Record<string, unknown>;
  filterAndMap(...values: unknown[]): Record<string, unknown> {
    return collectMembers(this, 'Module.filterAndMap', readFilterAndMap(values));
  }

  /** All arrays, as a tree. The arrays are handles of their own: training never changes them. */
  parameters(): ParametersOf<this>;
  parameters(...values: unknown[]): unknown {
    const name = 'Module.parameters';
    refuseArguments(values, name);
    return collectMembers(this, name, { filterFn: Module.validParameterFilter, mapFn: handle });
  }

  /** The arrays that are not frozen, as a tree. */
  trainableParameters(): ParametersOf<this>;
  trainableParameters(...values: unknown[]): unknown {
    const name = 'Module.trainableParameters';
    refuseArguments(values, name);
    return collectMembers(this, name, { filterFn: Module.trainableParameterFilter, mapFn: handle });
  }

  /** The modules directly below this one. */
  children(): Record<string, unknown>;
  children(...values: unknown[]): Record<string, unknown> {
    const name = 'Module.children';
    refuseArguments(values, name);
    return collectMembers(this, name, {
      filterFn: Module.validChildFilter,
      isLeafFn: (_module, _key, value) => Module.isModule(value),
    });
  }

  /** The modules that have no modules below them. */
  leafModules(): Record<string, unknown>;
  leafModules(...values: unknown[]): Record<string, unknown> {
    const name = 'Module.leafModules';
    refuseArguments(values, name);
    return collectMembers(this, name, {
      filterFn: Module.validChildFilter,
      isLeafFn: (_module, _key, value) => Module.isModule(value) && !hasModules(value),
    });
  }

  /**
   * Replaces arrays by those of a tree shaped like `parameters()`, which may be partial.
   *
   * @param strict - whether a name that is no parameter is an error; default true.
   * @param parameters - a tree of arrays shaped like `parameters()`.
   * @returns this module.
   * @throws RangeError if `strict` and a name is unknown; TypeError if a value is no array.
   */
  update(parameters: ParameterTree, strict?: boolean | StrictOption): this;
  update(...values: unknown[]): this {
    const { parameters, strict } = readUpdate(values);
    updateTree(this as unknown as Tree, parameters, strict, '', new Walk('Module.update'));
    return this;
  }

  /**
   * Replaces each array by what a function makes of it.
   *
   * @param filterFn - which arrays; default: all parameters.
   * @param mapFn - what to make of an array.
   * @returns this module.
   */
  apply(
    mapFn: (a: mx.array) => mx.array,
    filterFn?: ModuleFilter | null | { filterFn?: ModuleFilter | null | undefined },
  ): this;
  apply(...values: unknown[]): this {
    const { mapFn, filterFn } = readApply(values);
    const filter = filterFn ?? Module.validParameterFilter;
    const map = (value: unknown) => (value instanceof mx.array ? mapFn(value) : value);
    const members = collectMembers(this, 'Module.apply', { filterFn: filter, mapFn: map });
    return this.update(members as ParameterTree);
  }

  /**
   * Replaces submodules by those of a tree shaped like `children()`, which may be partial.
   *
   * @param strict - whether a name that is no module is an error; default true.
   * @param modules - a tree of modules shaped like `children()`.
   * @returns this module.
   * @throws RangeError if `strict` and a name is unknown.
   */
  updateModules(modules: Record<string, unknown>, strict?: boolean | StrictOption): this;
  updateModules(...values: unknown[]): this {
    const { modules, strict } = readUpdateModules(values);
    const walk = new Walk('Module.updateModules');
    updateModuleTree(this as unknown as Tree, modules, strict, '', walk);
    return this;
  }

  /**
   * Calls a function with the path and module of each module below this one, and of this one.
   *
   * @param applyFn - what to call with the path and the module.
   */
  applyToModules(applyFn: (path: string, module: Module) => void): this;
  applyToModules(...values: unknown[]): this {
    const { applyFn } = readApplyToModules(values);
    for (const [path, module] of this.namedModules()) applyFn(path, module);
    return this;
  }

  /** This module and all below it, each once. */
  modules(): Module[];
  modules(...values: unknown[]): Module[] {
    refuseArguments(values, 'Module.modules');
    return modulesOf(this, 'Module.modules').map(([, module]) => module);
  }

  /** The same with their paths, such as `layers.0`; this module's own is the empty string. */
  namedModules(): [string, Module][];
  namedModules(...values: unknown[]): [string, Module][] {
    refuseArguments(values, 'Module.namedModules');
    return modulesOf(this, 'Module.namedModules');
  }

  /**
   * Keeps parameters from being trained: `trainableParameters()` leaves them out.
   *
   * @param recurse - also below this module; default true.
   * @param keys - only these names; default: all.
   * @param strict - whether a name that a module lacks is an error; default false.
   * @returns this module.
   * @throws RangeError if `strict` and a module lacks a name.
   */
  freeze(recurse?: boolean, keys?: string | readonly string[] | null, strict?: boolean): this;
  freeze(options: FreezeOptions): this;
  freeze(recurse: boolean, options: FreezeOptions): this;
  freeze(...values: unknown[]): this {
    const settings = readFreeze(values);
    return within('Module.freeze', () => this.#setFrozen('freeze', true, settings));
  }

  /**
   * Undoes {@link freeze}, with the same parameters.
   *
   * @param recurse - also below this module; default: true.
   * @param keys - only these names; default: all.
   * @param strict - whether a name that a module lacks is an error; default: false.
   */
  unfreeze(recurse?: boolean, keys?: string | readonly string[] | null, strict?: boolean): this;
  unfreeze(options: FreezeOptions): this;
  unfreeze(recurse: boolean, options: FreezeOptions): this;
  unfreeze(...values: unknown[]): this {
    const options = readUnfreeze(values);
    return within('Module.unfreeze', () => {
      if (options.strict && options.recurse) this.#requireKeys('unfreeze', options);
      this.#setFrozen('unfreeze', false, { ...options, recurse: false });
      // By their own methods: some layers keep members frozen.
      if (options.recurse)
        for (const module of this.modules().slice(1)) module.unfreeze(false, options.keys);
      return this;
    });
  }

  /** Throws if a module lacks a key, before anything changes. */
  #requireKeys(name: string, { recurse, keys }: FreezeSettings): void {
    for (const [path, module] of recurse ? this.namedModules() : [['', this] as const])
      for (const key of keys ?? [])
        if (!Object.hasOwn(module, key.split('.')[0]!))
          throw new RangeError(
            `[Module.${name}] There is no member named ${key} in ${path || 'the module'}.`,
          );
  }

  #setFrozen(name: string, frozen: boolean, settings: FreezeSettings): this {
    if (settings.strict) this.#requireKeys(name, settings);
    const { recurse, keys: wanted } = settings;
    for (const module of recurse ? this.modules() : [this]) {
      if (wanted === null && !frozen) module.#frozen.clear();
      for (const key of wanted ?? module.#ownParameters()) {
        if (frozen) {
          module.#frozen.add(key);
          continue;
        }
        // A list or object thaws with all that is in it.
        for (const path of module.#frozen)
          if (path === key || path.startsWith(`${key}.`)) module.#frozen.delete(path);
      }
    }
    return this;
  }

  /** The paths of the arrays that are this module's own: a list of modules is no parameter. */
  #ownParameters(): string[] {
    const own = this.filterAndMap(
      (module, key, value) =>
        Module.validParameterFilter(module, key, value) && !Module.isModule(value),
    );
    return (mx.treeFlatten(own) as [string, mx.array][]).map(([path]) => path);
  }

  /**
   * Sets the mode of this module and all below it.
   *
   * @param mode - true to train, false to evaluate; default: true.
   */
  train(mode?: boolean | { mode?: boolean | undefined }): this;
  train(...values: unknown[]): this {
    const { mode } = readTrain(values);
    for (const module of this.modules()) within('Module.train', () => module.setTraining(mode));
    return this;
  }

  /**
   * What `train` and `eval` call on each module; a layer that changes with its mode overrides it.
   *
   * @param mode - true to train, false to evaluate.
   */
  protected setTraining(mode: boolean): void {
    this.#training = mode;
  }

  /** Sets evaluation mode: `train(false)`. */
  eval(): this;
  eval(...values: unknown[]): this {
    refuseArguments(values, 'Module.eval');
    return within('Module.eval', () => this.train(false));
  }

  /**
   * Casts parameters.
   *
   * @param dtype - the new dtype.
   * @param predicate - which of the present dtypes to cast; default: floating ones; null: all.
   */
  setDtype(
    dtype: mx.Dtype,
    predicate?: DtypePredicate | null | { predicate?: DtypePredicate | null | undefined },
  ): this;
  setDtype(...values: unknown[]): this {
    const { dtype, predicate } = readSetDtype(values);
    const cast = (a: mx.array) =>
      predicate === null || predicate(a.dtype) ? mx.astype(a, dtype) : a;
    return within('Module.setDtype', () => this.apply(cast));
  }

  /**
   * Writes all parameters to a `.safetensors` or `.npz` file, under MLX's snake_case paths.
   *
   * @param file - the name of the file; its ending says the format.
   *
   * @throws RangeError if two members have the same name in files.
   */
  saveWeights(file: string): void;
  saveWeights(...values: unknown[]): void {
    const { file } = readSaveWeights(values);
    within('Module.saveWeights', () => {
      const weights = new Map<string, mx.array>();
      for (const [path, value] of mx.treeFlatten(this.parameters()) as [string, mx.array][]) {
        const name = toFileName(path);
        if (weights.has(name))
          throw new RangeError(`[Module.saveWeights] Two parameters are named ${name}`);
        weights.set(name, value);
      }
      const isNpz = file.endsWith('.npz');
      if (!isNpz && !file.endsWith('.safetensors'))
        throw new TypeError(
          `[Module.saveWeights] The name of a file ends in .safetensors or .npz, not '${file}'.`,
        );
      const arrays = Object.fromEntries(weights);
      if (isNpz) mx.savez(file, arrays);
      else mx.saveSafetensors(file, arrays);
    });
  }

  /**
   * Loads parameters from a `.safetensors`, `.npz` or `.gguf` file, or from pairs of path and array.
   * Weights in several files load by their index, as Hugging Face writes it
   * (`model.safetensors.index.json`), or by the folder with such an index or with safetensors files.
   *
   * @param strict - whether names must match exactly, and shapes too; default true.
   * @param fileOrWeights - the name of a file, or a list of pairs of path and array.
   * @returns this module.
   * @throws RangeError naming what is missing, unknown, of another shape, or there twice.
   */
  loadWeights(fileOrWeights: string | [string, mx.array][], strict?: boolean | StrictOption): this;
  loadWeights(...values: unknown[]): this {
    const { fileOrWeights, strict } = readLoadWeights(values);
    const weights =
      typeof fileOrWeights === 'string'
        ? readWeights(fileOrWeights, 'Module.loadWeights')
        : fileOrWeights;
    return within('Module.loadWeights', () => {
      const tree = weightTree(this.parameters(), weights, strict);
      return this.update(tree as ParameterTree, false);
    });
  }

  /** What `toString` shows between the parentheses; subclasses name their settings here. */
  protected extraRepr(): string {
    return '';
  }

  /** MLX's layout: the class, its settings, and the modules below it. */
  override toString(): string {
    return describeModule(this, this.extraRepr());
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return inspectModule(this);
  }

  /** @internal How @mlx/core finds the arrays: `mx.eval(model)`, `treeFlatten(model)`. */
  [mx.treeSymbol](): ParametersOf<this> {
    const members = collectMembers(this, 'Module', { filterFn: Module.validParameterFilter });
    return members as ParametersOf<this>;
  }
}

/** Settings of `freeze` and `unfreeze`. */
export interface FreezeOptions {
  /** Also below the module; default: true. */
  recurse?: boolean | undefined;
  /** Only these names; default: all. */
  keys?: string | readonly string[] | null | undefined;
  /** Whether a name that one of the modules lacks is an error; default: false. */
  strict?: boolean | undefined;
}

type FreezeSettings = ReturnType<typeof readFreeze>;

/** The option of methods that look names up. */
export interface StrictOption {
  /** Whether names must exist, of weights match exactly; default: true. */
  strict?: boolean | undefined;
}

type DtypePredicate = (dtype: mx.Dtype) => boolean;

/** A fresh handle, so that later updates in place don't reach what was handed out. */
function handle(value: unknown): unknown {
  return value instanceof mx.array ? internals.share(value) : value;
}

function hasModules(module: Module): boolean {
  return module.modules().length > 1;
}
