import { join } from 'node:path';
import {
  cutFaces,
  distances,
  findFaces,
  loadNetworks,
  readPicture,
  threshold,
  weightsFolder,
} from './compare';
import { faceApi } from './weights';

const sample = (i: number) => join(faceApi, 'demo', `sample${i}.jpg`);
const [first = sample(1), second = sample(6)] = process.argv.slice(2);
try {
  const networks = loadNetworks(weightsFolder);
  const described = [first, second].map((file) => {
    const picture = readPicture(file);
    const faces = findFaces(networks, picture);
    console.log(`${file}: ${faces.length} faces`);
    if (faces.length === 0) throw new Error('there is nothing to compare');
    return networks.descriptor(cutFaces(picture, faces));
  });
  console.log('distances of the faces, from left to right; * for one person:');
  for (const row of distances(described[0]!, described[1]!))
    console.log(row.map((one) => `${one.toFixed(2)}${one < threshold ? '*' : ' '}`).join('  '));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
