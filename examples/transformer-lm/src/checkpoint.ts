import { OptionError } from '@mlx/example-shared';
import * as mx from '@mlx/core';
import type { AdamW } from '@mlx/optimizers';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LanguageModel, ModelSettings } from './model';
import type { Merge } from './merges';

/** What a training is made of, beside its arrays. */
export interface TrainingSettings {
  model: ModelSettings;
  steps: number;
  batchSize: number;
  learningRate: number;
}

/** Where a training stands. */
export interface CheckpointInfo extends TrainingSettings {
  /** The steps taken. */
  step: number;
  merges: readonly Merge[];
}

const names = {
  info: 'training.json',
  weights: 'weights.safetensors',
  state: 'state.safetensors',
};

function folderIn(output: string): string {
  return join(output, 'checkpoint');
}

/** Writes the weights, the optimizer's and the random state, and the settings to a folder. */
export function saveCheckpoint(
  output: string,
  info: CheckpointInfo,
  model: LanguageModel,
  optimizer: AdamW,
): string {
  const folder = folderIn(output);
  const [fresh, old] = [`${folder}.new`, `${folder}.old`];
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  model.saveWeights(join(fresh, names.weights));
  mx.saveSafetensors(
    join(fresh, names.state),
    Object.fromEntries(
      mx.treeFlatten({ optimizer: optimizer.state, random: mx.random.state }) as [
        string,
        mx.array,
      ][],
    ),
  );
  writeFileSync(join(fresh, names.info), JSON.stringify(info));
  // Files of different steps never lie in one folder, whenever the program is stopped.
  rmSync(old, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(fresh, folder);
  rmSync(old, { recursive: true, force: true });
  return folder;
}

/** Reads where the checkpoint stands. Throws OptionError if there is none. */
export function readCheckpointInfo(output: string): CheckpointInfo {
  const file = join(folderIn(output), names.info);
  if (!existsSync(file))
    throw new OptionError(`--resume found no checkpoint in ${output}; train without it first`);
  return JSON.parse(readFileSync(file, 'utf8')) as CheckpointInfo;
}

/** Loads the arrays of a checkpoint into a model and an optimizer, and the random state. */
export function loadCheckpoint(output: string, model: LanguageModel, optimizer: AdamW): void {
  const folder = folderIn(output);
  model.loadWeights(join(folder, names.weights));
  const arrays = mx.load(join(folder, names.state), 'safetensors');
  const state = mx.treeUnflatten(Object.entries(arrays)) as {
    optimizer: AdamW['state'];
    random: mx.array[];
  };
  optimizer.state = state.optimizer;
  mx.random.state = state.random;
}
