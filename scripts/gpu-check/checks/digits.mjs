// The example with handwritten digits trains on the card as well as on the CPU.
import { spawnSync } from 'node:child_process';
import { check, expect } from './check.mjs';
import { digitsProgram } from './packages.mjs';

const isInMemory = Boolean(process.env.MLX_TEST_GPU_LIBRARY);
const epochs = isInMemory ? '1' : undefined;
for (const [model, least] of [
  ['mlp', 94],
  ['cnn', 94],
]) {
  await check(`digits by the ${model}`, () => {
    const options = ['--model', model, '--device', 'gpu'];
    if (epochs) options.push('--epochs', epochs);
    const { stdout, stderr, status } = spawnSync(process.execPath, [digitsProgram, ...options], {
      encoding: 'utf8',
      timeout: isInMemory ? 3_600_000 : 60_000,
    });
    expect(status === 0, `ended with ${status}: ${(stdout + stderr).slice(-300)}`);
    const accuracy = Number(/test accuracy: ([\d.]+) %/.exec(stdout)?.[1]);
    console.log(`digits by the ${model}: ${accuracy} %, ${/trained in .*/.exec(stdout)?.[0]}`);
    expect(accuracy >= least, `${accuracy} % is less than ${least} %`);
  });
}
