// The last process is killed while the cards work; the others must notice within the time limit.
import { check, expect, isFake } from './check.mjs';
import { mx } from './packages.mjs';

const limit = 4;
const world = mx.distributed.init(true, 'nccl', { timeout: limit });
mx.setDefaultDevice(mx.gpu);
const x = mx.ones([isFake ? 1 << 20 : 1 << 26]);
mx.eval(mx.distributed.allSum(x));
const isVictim = world.rank() === world.size() - 1;
const [way] = process.argv.slice(2);

if (isVictim && way === 'kill') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300);
if (isVictim && way === 'stop') {
  const { spawn } = await import('node:child_process');
  const wake = `sleep ${limit + 3}; kill -KILL ${process.pid}`;
  spawn('sh', ['-c', wake], { stdio: 'ignore', detached: true }).unref();
  setTimeout(() => process.kill(process.pid, 'SIGSTOP'), 300);
}
const began = performance.now();
let last = began;
let message = '';
try {
  for (;;) {
    await mx.asyncEval(mx.distributed.allSum(x));
    last = performance.now();
  }
} catch (error) {
  message = error.message;
}
const seconds = (performance.now() - last) / 1000;
if (!isVictim)
  await check(`a process that is lost by ${way} is noticed`, async () => {
    console.log(`TIME noticed after ${seconds.toFixed(2)} s: ${message.slice(0, 200)}`);
    expect(seconds < limit + 2, `only after ${seconds} s`);
    expect(message.includes('[distributed.allSum]'), message);
    // What the card is given until all is broken off fails too.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(mx.add(x, 1).sum().item() > 0 || isFake, 'the card is of no use');
  });
