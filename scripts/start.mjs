// From a fresh clone to a trained network: set-up, build, and the digits example.
import { join } from 'node:path';
import { root, run, script } from './run.mjs';

script('setup');
script('build');
const example = join(root, 'examples', 'mnist', 'dist', 'main.js');
run([process.execPath, example, ...process.argv.slice(2)], { stdio: 'inherit' });
