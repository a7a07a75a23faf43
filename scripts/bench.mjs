// Runs the benchmarks on a current build: ours and the peers, interleaved on the same work.
import { join } from 'node:path';
import { root, run, script } from './run.mjs';

script('setup');
script('build');
run([process.execPath, join(root, 'benchmarks', 'run.mjs'), ...process.argv.slice(2)]);
