// Runs the benchmarks on a current build: ours and the peers, interleaved on the same work.
import { join } from 'node:path';
import { root, run, script } from './run.mjs';

// What is compared are CPUs, on Macs too, where the GPU is the default device.
process.env.MLX_DEVICE ??= 'cpu';
script('setup');
script('build');
run([process.execPath, join(root, 'benchmarks', 'run.mjs'), ...process.argv.slice(2)]);
