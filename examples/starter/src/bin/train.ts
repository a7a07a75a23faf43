import { mkdirSync } from 'node:fs';
import { spirals } from '../data.js';
import { train } from '../train.js';

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());

mkdirSync('output', { recursive: true });
const { step, accuracy } = await train(spirals(4096, 1), spirals(1024, 2), {
  file: 'output/model.safetensors',
  steps: 3000,
  signal: interrupt.signal,
});
console.log(`${(100 * accuracy).toFixed(1)} % right after ${step} steps`);
