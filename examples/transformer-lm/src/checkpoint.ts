import { OptionError } from '@mlx/example-shared';
import { loadCheckpoint, saveCheckpoint } from '@mlx/optimizers';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Merge } from './merges';
import type { ModelSettings } from './model';

/** What a training is made of, beside its arrays. */
export interface TrainingSettings {
  model: ModelSettings;
  steps: number;
  batchSize: number;
  learningRate: number;
  merges: readonly Merge[];
}

type Parts = Parameters<typeof saveCheckpoint>[1];

function fileIn(output: string): string {
  return join(output, 'checkpoint.safetensors');
}

/** Saves the parts of a training, how far it is, and its settings. */
export function save(output: string, parts: Parts, step: number, settings: TrainingSettings): void {
  mkdirSync(output, { recursive: true });
  saveCheckpoint(fileIn(output), parts, step, settings);
}

/** Where a saved training stands, before its parts are made. Throws OptionError if there is none. */
export function readSaved(output: string): { step: number; settings: TrainingSettings } {
  if (!existsSync(fileIn(output)))
    throw new OptionError(`--resume found no checkpoint in ${output}; train without it first`);
  const { step, info } = loadCheckpoint(fileIn(output), {}, { random: false });
  return { step, settings: info as TrainingSettings };
}

/** Loads the parts of a saved training, and the random numbers go on as they did in it. */
export function resume(output: string, parts: Parts): void {
  loadCheckpoint(fileIn(output), parts);
}
