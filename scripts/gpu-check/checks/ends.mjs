// A process ends while the card has work: quietly, and with the status that it should.
import { mx } from './packages.mjs';
import { Worker, isMainThread } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const [way] = process.argv.slice(2);
mx.setDefaultDevice(mx.gpu);
let x = mx.ones([1 << 16]);
for (let i = 0; i < 300; i++) {
  x = x.multiply(0.5).add(i);
  mx.asyncEval(x);
}
if (isMainThread) {
  console.log(`PASS ends by ${way}`);
  if (way === 'exit') process.exit(0);
  if (way === 'throw') {
    process.on('uncaughtExceptionMonitor', () => {});
    process.setUncaughtExceptionCaptureCallback(() => process.exit(1));
    throw new Error('on purpose');
  }
  if (way === 'worker') {
    new Worker(fileURLToPath(import.meta.url), { argv: [way] });
    setTimeout(() => process.exit(0), 500);
  }
}
