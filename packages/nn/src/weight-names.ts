import * as mx from '@mlx/core';
import { toFileName } from './names';

// Which weights of a file are which parameters.

/**
 * A tree like the parameters with the weights in their places, and nothing where there is none. With
 * `strict` every name has to be known and there, with the parameter's shape.
 */
export function weightTree(
  parameters: unknown,
  weights: readonly (readonly [string, mx.array])[],
  strict: boolean,
): unknown {
  const given = new Map<string, mx.array>();
  for (const [path, value] of weights) addName(given, path, value);
  const known = new Map<string, [string, mx.array]>();
  for (const [path, value] of mx.treeFlatten(parameters) as [string, mx.array][])
    addName(known, path, [path, value]);
  if (strict) checkNames(given, known);

  const matched = new Map<string, mx.array>();
  for (const [name, value] of given) {
    const member = known.get(name);
    if (!member) continue;
    if (strict && !sameShape(member[1], value))
      throw new mx.ShapeError(
        `[Module.loadWeights] Expected shape (${member[1].shape.join(',')}) but received ` +
          `(${value.shape.join(',')}) for parameter ${name}`,
      );
    matched.set(member[0], value);
  }
  return mx.treeMapWithPath((path) => matched.get(path) ?? {}, parameters);
}

function sameShape(a: mx.array, b: mx.array): boolean {
  return a.shape.length === b.shape.length && a.shape.every((n, i) => n === b.shape[i]);
}

/** Files of two spellings and members that differ in case only must not overwrite each other. */
function addName<Value>(names: Map<string, Value>, path: string, value: Value): void {
  const name = toFileName(path);
  if (names.has(name))
    throw new RangeError(`[Module.loadWeights] Two parameters are named ${name}`);
  names.set(name, value);
}

function checkNames(given: Map<string, unknown>, known: Map<string, unknown>): void {
  const unknown = [...given.keys()].filter((name) => !known.has(name)).sort();
  if (unknown.length > 0)
    throw new RangeError(
      `[Module.loadWeights] Received ${unknown.length} parameters not in model: ` +
        unknown.join(', '),
    );
  const missing = [...known.keys()].filter((name) => !given.has(name)).sort();
  if (missing.length > 0)
    throw new RangeError(
      `[Module.loadWeights] Missing ${missing.length} parameters: ` + missing.join(', '),
    );
}
