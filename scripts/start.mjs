// From a fresh clone to a trained network: set-up, build, and the digits example.
import { join } from 'node:path';
import { root, run } from './run.mjs';

run([process.execPath, join(root, 'scripts', 'setup.mjs')]);
run([process.execPath, join(root, 'scripts', 'build.mjs')]);
run(
  [process.execPath, join(root, 'examples', 'mnist', 'dist', 'main.js'), ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
