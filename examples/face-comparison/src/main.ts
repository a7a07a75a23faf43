import type * as mx from '@mlx/core';
import { findFaces, loadFaceDetector, sample } from '@mlx/example-face-detection';
import { runMain } from '@mlx/example-shared';
import type { Box } from '@mlx/example-shared/dist/boxes';
import { markedPicture, readPicture, type Mark } from '@mlx/example-shared/dist/pictures';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutFaces, distances, loadFaceDescriptor, threshold } from './compare';

interface Found {
  faces: Box[];
  described: mx.array;
}

const colours = ['#e6194b', '#3cb44b', '#4363d8', '#f58231', '#911eb4', '#008080'];

runMain(async () => {
  const [first = sample(1), second = first] = process.argv.slice(2);
  const [detector, descriptor] = [loadFaceDetector(), loadFaceDescriptor()];
  const [known, asked] = [first, second].map((file) => {
    const picture = readPicture(file);
    const faces = findFaces(detector, picture);
    if (faces.length === 0) throw new Error(`there is no face in ${file}`);
    return { faces, described: descriptor(cutFaces(picture, faces)) };
  }) as [Found, Found];

  const people = known.faces.map((face, i): Mark => {
    return { ...face, text: String(i + 1), colour: colours[i % colours.length]! };
  });
  console.log('distances of each face of the second picture to those of the first:');
  const compared = distances(asked.described, known.described).map((row, i): Mark => {
    console.log(row.map((one) => `${one.toFixed(2)}${one < threshold ? '*' : ' '}`).join('  '));
    const least = Math.min(...row);
    const { text, colour } = people[row.indexOf(least)]!;
    const face = asked.faces[i]!;
    return least < threshold
      ? { ...face, text: `${text} (${least.toFixed(2)})`, colour: colour! }
      : { ...face, text: 'nobody', colour: '#808080' };
  });
  for (const [name, file, marks] of [
    ['first', first, people],
    ['second', second, compared],
  ] as const) {
    const shown = join(__dirname, '..', 'output', `${name}.svg`);
    writeFileSync(shown, markedPicture(file, marks));
    console.log(shown);
  }
});
