import * as mx from '@mlx/core';
import {
  boolean,
  callback,
  copyList,
  describe,
  dtype,
  isArray,
  isListOf,
  isPlainObject,
  nullable,
  optional,
  string,
  type Kind,
} from '@mlx/core/calls';
import type { Module, ModuleFilter, ParameterTree } from './module';

// What the methods of modules take.

const tree = <T>(text: string): Kind<T> => ({
  text,
  fits: (value) => isPlainObject(value) || Array.isArray(value),
});
const filter = optional(nullable(callback<ModuleFilter>()), null);
const strict = optional(boolean, true);

/** One name or several; the method gets a list. */
const keys: Kind<readonly string[] | null> = {
  text: 'a name, a list of names or null',
  fits: (value) =>
    value === null ||
    typeof value === 'string' ||
    isListOf(value, (one) => typeof one === 'string'),
  read: (value) => (typeof value === 'string' ? [value] : (value as readonly string[] | null)),
};

type Weights = string | readonly (readonly [string, mx.array])[];

const weights: Kind<Weights> = {
  text: "a file's name or a list of pairs of path and array",
  fits: (value) => typeof value === 'string' || Array.isArray(value),
  read(value, name, parameter) {
    if (typeof value === 'string') return value;
    return copyList(value as unknown[], name).map((pair, i) => {
      const [path, array]: unknown[] = Array.isArray(pair) ? [pair[0], pair[1]] : [];
      if (typeof path === 'string' && isArray(array)) return [path, array];
      throw new TypeError(
        `[${name}] ${parameter} must be ${this.text}, but entry ${i} is ${describe(pair)}.`,
      );
    });
  },
};

export const filterAndMap = {
  filterFn: callback<ModuleFilter>(),
  mapFn: optional(nullable(callback<(value: unknown) => unknown>()), null),
  isLeafFn: filter,
};
export const update = { parameters: tree<ParameterTree>('a tree of arrays'), strict };
export const apply: {
  mapFn: Kind<(a: mx.array) => mx.array>;
  filterFn: Kind<ModuleFilter | null>;
} = { mapFn: callback<(a: mx.array) => mx.array>(), filterFn: filter };
export const updateModules = {
  modules: tree<Record<string, unknown>>('a tree of modules'),
  strict,
};
export const applyToModules = { applyFn: callback<(path: string, module: Module) => void>() };
export const freeze = {
  recurse: optional(boolean, true),
  keys: optional(keys, null),
  strict: optional(boolean, false),
};
export const train = { mode: optional(boolean, true) };
export const setDtype = {
  dtype,
  predicate: optional(nullable(callback<(dtype: mx.Dtype) => boolean>()), (d: mx.Dtype) =>
    mx.issubdtype(d, mx.floating),
  ),
};
export const saveWeights = { file: string };
export const loadWeights: { fileOrWeights: Kind<Weights>; strict: Kind<boolean> } = {
  fileOrWeights: weights,
  strict,
};
