// The table of a run: medians with their spread, ratios to ours, and how far ours is from the floor.

function median(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Half of the distance between the quartiles, as a part of the median. */
function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const quartile = (part) => sorted[Math.round(part * (sorted.length - 1))];
  return (quartile(0.75) - quartile(0.25)) / 2 / median(times);
}

const milliseconds = (time) => (time < 0.1 ? time.toFixed(4) : time.toFixed(2));

function timeCell(times) {
  return `${milliseconds(median(times))} ±${Math.round(spread(times) * 100)} %`;
}

/** The best rates that anybody reached in the calibrating cases: megabytes and gigaflops a ms. */
export class Rates {
  megabytes = 0;
  gigaflops = 0;

  learn(test, times) {
    if (!test.calibrates) return;
    const best = Math.min(...Object.values(times).flat());
    for (const kind of ['megabytes', 'gigaflops'])
      if (test[kind] !== undefined) this[kind] = Math.max(this[kind], test[kind] / best);
  }

  /** The least that a case takes at these rates, if it is bound by one of them. */
  floor(test) {
    const least = ['megabytes', 'gigaflops'].map((kind) => (test[kind] ?? 0) / this[kind]);
    return Math.max(...least.map((time) => (Number.isFinite(time) ? time : 0))) || undefined;
  }

  toString() {
    const bytes = `${this.megabytes.toFixed(1)} GB/s`;
    return `The best rates of this run: ${bytes}, ${(this.gigaflops * 1000).toFixed(0)} GFLOP/s.`;
  }
}

const row = (cells) => `| ${cells.join(' | ')} |`;

export function header(peers) {
  const cells = [
    'case',
    'ours, ms',
    ...peers.map((name) => `${name}, ms (/ ours)`),
    'ours / floor',
  ];
  return `${row(cells)}\n|${' --- |'.repeat(cells.length)}`;
}

/** One line: `times` are lists by the worker's name. */
export function line(test, peers, times, rates) {
  const own = median(times.ours);
  const others = peers.map((name) =>
    times[name] ? `${timeCell(times[name])} (${(median(times[name]) / own).toFixed(2)})` : '–',
  );
  const floor = rates.floor(test);
  const distance = floor === undefined ? '–' : (own / floor).toFixed(1);
  return row([test.what, timeCell(times.ours), ...others, distance]);
}
