// Runs the benchmarks: ours and the peers, interleaved on the same work.
import { join } from 'node:path';
import { root, run } from './run.mjs';

run([process.execPath, join(root, 'benchmarks', 'run.mjs'), ...process.argv.slice(2)]);
