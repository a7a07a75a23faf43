import * as mx from '@mlx/core';
import type { Box } from '@mlx/example-shared/dist/boxes';
import { cut, resize } from '@mlx/example-shared/dist/pictures';
import { loadConverted } from '@mlx/example-shared/dist/published-weights';
import { assets } from '@mlx/example-text-detection';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertRecognizer } from './convert';
import { Recognizer } from './model';

export const publishedFile = join(assets, 'ch_PP-OCRv4_rec_infer.onnx');
const weightsFile = join(__dirname, '..', 'output', 'text-recognizer.safetensors');

/** The characters of the classes: the first stands between characters, the last is the space. */
const keys = readFileSync(join(assets, 'ppocr_keys_v1.txt'), 'utf8').trimEnd().split('\n');
const characters = ['', ...keys, ' '];

/** The height of a line that the network was trained with. */
const lineHeight = 48;

/** The published network; its weights are converted once, into a file of safetensors. */
export function loadRecognizer(file = weightsFile): Recognizer {
  const recognizer = new Recognizer(characters.length);
  return loadConverted(recognizer, file, () => convertRecognizer(publishedFile));
}

/** A line of a picture as the recogniser takes it, shape `[1, 48, width, 3]`. */
export function recognizerInput(picture: mx.array, line: Box): mx.array {
  const part = cut(picture, line);
  const [height, width] = part.shape as [number, number];
  const scaled = resize(part, lineHeight, Math.ceil((lineHeight * width) / height));
  const colours = scaled.index('...', mx.array([2, 1, 0], mx.int32)).index(null);
  return colours.divide(127.5).subtract(1);
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
    text: places
      .map((i) => characters[classes[i]!])
      .join('')
      .trim(),
    certainty: sum / Math.max(places.length, 1),
  };
}

/** The likeliest class at each place of a line, and its likelihood. */
export function likeliest(recognizer: Recognizer, input: mx.array): [number[], number[]] {
  const likelihoods = recognizer(input).index(0);
  const classes = mx.argmax(likelihoods, -1).tolist<number[]>();
  return [classes, mx.max(likelihoods, -1).tolist<number[]>()];
}
