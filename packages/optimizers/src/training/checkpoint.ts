import * as mx from '@mlx/core';
import {
  boolean,
  describe,
  isPlainObject,
  nonNegativeInteger,
  optional,
  reader,
  string,
  within,
  type Kind,
} from '@mlx/core/calls';
import { updatable, type Updatable } from '../optimizer';
import type { ArrayTree } from '../tree';

/** A part of a training: a model, or what has a state, such as an optimizer. */
export type CheckpointPart = Updatable | { state: object };

/** Where a saved training stands. */
export interface SavedTraining {
  /** The steps taken. */
  readonly step: number;
  /** What was saved beside the arrays. */
  readonly info: unknown;
}

/** Options of {@link loadCheckpoint}. */
export interface LoadCheckpointOptions {
  /** Whether the random numbers go on as they did in the training; default: true. */
  random?: boolean | undefined;
}

type Parts = Readonly<Record<string, CheckpointPart>>;

const format = 'mlx-checkpoint';
const randomName = 'random';

function isPart(value: unknown): value is CheckpointPart {
  if (updatable.fits(value)) return true;
  return typeof value === 'object' && value !== null && 'state' in value;
}

const parts: Kind<Parts> = {
  text: 'an object of models, optimizers and others that have a state',
  fits: isPlainObject,
  read(value, name, parameter) {
    for (const [key, part] of Object.entries(value as object)) {
      if (!isPart(part))
        throw new TypeError(
          `[${name}] ${parameter}.${key} must be a model or have a state, but is ` +
            `${describe(part)}.`,
        );
      if (key === randomName || key.includes('.') || key === '')
        throw new TypeError(`[${name}] No part can be named '${key}'.`);
    }
    return value as Parts;
  },
};

const anything: Kind<unknown> = { text: 'a value that JSON can write', fits: () => true };

const readSave = reader('saveCheckpoint', {
  file: string,
  parts,
  step: nonNegativeInteger,
  info: optional(anything, null),
});

const readLoad = reader('loadCheckpoint', { file: string, parts, random: optional(boolean, true) });

function withEnding(file: string): string {
  return file.endsWith('.safetensors') ? file : `${file}.safetensors`;
}

/**
 * Writes all that a training needs to go on to one safetensors file: the weights of models, the
 * state of optimizers and others, the random key, and how many steps were taken. It takes an older
 * file's place only once it is complete, so that a program may be stopped at any time.
 *
 * @param file - its name; `.safetensors` is added where it lacks.
 * @param parts - by the names under which their arrays stand in the file.
 * @param step - the steps taken.
 * @param info - whatever else is to be kept, as JSON; default: null.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 * import { Adam, loadCheckpoint, saveCheckpoint } from '@mlx/optimizers';
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 *
 * const file = join(mkdtempSync(join(tmpdir(), 'mlx-example-')), 'run.safetensors');
 * const [model, optimizer] = [new nn.Linear(4, 1), new Adam(0.1)];
 * saveCheckpoint(file, { model, optimizer }, 100, { epochs: 3 });
 *
 * const [again, other] = [new nn.Linear(4, 1), new Adam(0.1)];
 * const { step, info } = loadCheckpoint(file, { model: again, optimizer: other });
 * [step, info]; // => [100, { epochs: 3 }]
 * mx.arrayEqual(again.weight, model.weight).item(); // => true
 * ```
 */
export function saveCheckpoint(file: string, parts: Parts, step: number, info?: unknown): void;
export function saveCheckpoint(...values: unknown[]): void {
  const { file, parts, step, info } = readSave(values);
  const trees = { ...mapParts(parts), [randomName]: mx.random.state };
  const pairs = within('saveCheckpoint', () => mx.treeFlatten<mx.array>(trees));
  const arrays = Object.fromEntries(pairs);
  if (Object.keys(arrays).length < pairs.length)
    throw new RangeError(
      '[saveCheckpoint] Two arrays have the same name: a key has a point in it.',
    );
  const metadata = { format, version: '1', step: String(step), info: textOf(info) };
  within('saveCheckpoint', () => mx.saveSafetensors(withEnding(file), arrays, metadata));
}

function textOf(info: unknown): string {
  try {
    return JSON.stringify(info) ?? 'null';
  } catch (cause) {
    throw new TypeError('[saveCheckpoint] info must be a value that JSON can write.', { cause });
  }
}

function mapParts(parts: Parts): Record<string, object> {
  return Object.fromEntries(
    Object.entries(parts).map(([key, part]) => [
      key,
      updatable.fits(part) ? (part as Updatable).parameters() : (part as { state: object }).state,
    ]),
  );
}

/**
 * Loads parts of a checkpoint that {@link saveCheckpoint} wrote, each under the name that it was
 * saved with, and the random key. A program that only computes loads its model alone.
 *
 * @param file - its name; `.safetensors` is added where it lacks.
 * @param parts - the models and others to load into; those of the file that are not named stay there.
 * @param random - whether the random numbers go on as they did in the training; default: true.
 * @returns the steps that were taken, and what else was saved.
 * @throws EngineError if there is no such file; RangeError or ShapeError, before anything is
 * changed, if it has no such part or a model is another one.
 */
export function loadCheckpoint(
  file: string,
  parts: Parts,
  random?: boolean | LoadCheckpointOptions,
): SavedTraining;
export function loadCheckpoint(...values: unknown[]): SavedTraining {
  const { file, parts, random } = readLoad(values);
  const path = withEnding(file);
  const [arrays, metadata] = within('loadCheckpoint', () =>
    mx.load(path, { format: 'safetensors', returnMetadata: true }),
  );
  if (metadata.format !== format || metadata.version !== '1')
    throw new mx.EngineError(
      `[loadCheckpoint] ${path} is no checkpoint that saveCheckpoint wrote.`,
    );
  const saved = groupsOf(arrays);
  for (const [key, part] of Object.entries(parts)) {
    const pairs = saved.get(key) ?? [];
    if (updatable.fits(part)) checkModel(part as Updatable, pairs, key);
    else if (pairs.length === 0)
      throw new RangeError(
        `[loadCheckpoint] ${path} has no part ${key}; it has ${[...saved.keys()].join(', ')}.`,
      );
  }
  // What is loaded later would keep the file open.
  mx.eval(
    [...saved].filter(([key]) => key in parts || key === randomName).map(([, pairs]) => pairs),
  );
  for (const [key, part] of Object.entries(parts)) {
    const tree = mx.treeUnflatten(saved.get(key) ?? []) as ArrayTree;
    if (updatable.fits(part)) (part as Updatable).update(tree as never);
    else (part as { state: object }).state = tree;
  }
  if (random) mx.random.state = (saved.get(randomName) ?? []).map(([, key]) => key);
  return {
    step: Number(metadata.step),
    info: JSON.parse(metadata.info ?? 'null') as unknown,
  };
}

type Pairs = [path: string, a: mx.array][];

/** The arrays of a file by their first names. */
function groupsOf(arrays: Record<string, mx.array>): Map<string, Pairs> {
  const groups = new Map<string, Pairs>();
  for (const [name, a] of Object.entries(arrays)) {
    const [part, ...rest] = name.split('.');
    const pairs = groups.get(part!) ?? [];
    pairs.push([rest.join('.'), a]);
    groups.set(part!, pairs);
  }
  return groups;
}

/** Throws where a model's parameters are not the saved ones. */
function checkModel(model: Updatable, pairs: Pairs, key: string): void {
  const saved = new Map(pairs);
  const parameters = within('loadCheckpoint', () => mx.treeFlatten<mx.array>(model.parameters()));
  const known = new Map(parameters);
  const missing = [...known.keys()].filter((path) => !saved.has(path));
  const unknown = [...saved.keys()].filter((path) => !known.has(path));
  if (missing.length > 0 || unknown.length > 0)
    throw new RangeError(
      `[loadCheckpoint] ${key} is another model than the saved one: ` +
        [
          ...missing.map((path) => `${path} was not saved`),
          ...unknown.map((path) => `there is no ${path}`),
        ].join(', '),
    );
  for (const [path, a] of known)
    if (String(saved.get(path)!.shape) !== String(a.shape))
      throw new mx.ShapeError(
        `[loadCheckpoint] ${key}.${path} has shape (${a.shape.join(',')}), but the saved one ` +
          `(${saved.get(path)!.shape.join(',')}).`,
      );
}
