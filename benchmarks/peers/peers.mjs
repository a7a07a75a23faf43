// Installs the peers and says how each is started.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inside, installDebian, pythonInDebian } from './debian.mjs';
import { installPackages } from './npm.mjs';

/** Not everybody may give a program another root. Undefined when it works. */
function reasonNotToRun(folder, threads) {
  const [command, ...args] = pythonInDebian(join(folder, 'debian'), threads, '-c', '');
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? undefined : `its root can't be used: ${stderr.trim().split('\n').at(-1)}`;
}

/** The peers by the heading of their column: how each is started, and why it can't be, if so. */
export function peers(benchmarks, threads) {
  const folder = join(benchmarks, '.peers');
  const debian = installDebian(join(folder, 'debian')) ?? reasonNotToRun(folder, threads);
  const npm = process.platform === 'linux' ? installPackages(join(folder, 'npm')) : 'not on Linux';
  const python = (program, ...args) =>
    pythonInDebian(join(folder, 'debian'), threads, `${inside}/peers/${program}.py`, ...args);
  const ggml = `${inside}/.peers/npm/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64`;
  const onnxruntime = [process.execPath, join(benchmarks, 'peers', 'onnxruntime.mjs')];
  return {
    PyTorch: { missing: debian, command: python('pytorch') },
    NumPy: { missing: debian, command: python('numpy_cases') },
    specialist: { missing: debian, command: python('specialists', String(threads), ggml) },
    onnxruntime: { missing: npm, command: [...onnxruntime, join(folder, 'npm'), String(threads)] },
  };
}
