// A plain loop of very many steps holds memory flat on both sides: `node long-loop.mjs [steps]`. It
// says on stderr how far it is, since a device that runs late takes long.
import { check, expect, mebibyte } from './check.mjs';
import { mx } from './packages.mjs';

const steps = Number(process.argv[2] ?? 1_000_000);
const resident = () => process.memoryUsage.rss() / mebibyte;

await check(`a loop of ${steps} steps`, () => {
  mx.setDefaultDevice(mx.gpu);
  const x = mx.ones([256]);
  let y = x;
  const step = (i) => {
    y = y.multiply(0.5).add(x);
    if (i % 3 === 0) mx.asyncEval(y);
    if (i % 1000 === 0) expect(Number.isFinite(y.index(255).item()), 'no number');
  };
  for (let i = 1; i <= steps / 50; i++) step(i);
  mx.synchronize();
  mx.resetPeakMemory();
  const before = resident();
  let most = 0;
  for (let i = 1; i <= steps; i++) {
    step(i);
    if (i % 10_000 === 0) most = Math.max(most, resident());
    if (i % (steps / 10) === 0) console.error(`${i} of ${steps} steps`);
  }
  mx.synchronize();
  const [card, host] = [mx.getPeakMemory() / mebibyte, most - before];
  console.log(`peak ${card.toFixed(1)} MiB on the card, host grew by ${host.toFixed(1)} MiB`);
  expect(card < 100, `the card's peak was ${card} MiB`);
  expect(host < 100, `the host grew by ${host} MiB`);
});
