import { ProgressLine, RunningMean, type ProgressOutput } from '../index';

function recorder(terminal?: { columns: number }): { output: ProgressOutput; written: string[] } {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text), isTTY: !!terminal, ...terminal };
  return { output, written };
}

test('elsewhere than on a terminal a line comes for each tenth, the last step and news', () => {
  const { output, written } = recorder();
  const progress = new ProgressLine(1000, 'images', output);
  for (let step = 1; step <= 1000; ++step)
    progress.update(step, { loss: 2, items: 8, ...(step === 450 && { note: 'good' }) });
  progress.say('done');
  progress.stop();
  expect(written.length).toBe(13);
  expect(written[0]).toMatch(/^ {2}0 % \| loss 2\.0000 \| [\d,]+ images\/s \| \d+ s left\n$/);
  expect(written.filter((line) => line.endsWith(' | good\n')).length).toBe(7);
  expect(written.at(-2)).toMatch(/^100 % .* 0 s left \| good\n$/);
  expect(written.at(-1)).toBe('done\n');
});

test('on a terminal one line is rewritten, and never wraps', () => {
  const { output, written } = recorder({ columns: 60 });
  const progress = new ProgressLine(4, { output });
  progress.update(3, { note: 'n'.repeat(100) });
  progress.say('half');
  progress.update(4);
  progress.stop();
  progress.stop();
  const clear = '\r\x1b[2K';
  expect(written[0]!.startsWith(`${clear}${'█'.repeat(18)}${'░'.repeat(6)}  75 % | `)).toBe(true);
  for (const text of written) expect(text.replace(clear, '').trimEnd().length).toBeLessThan(60);
  expect(written[1]).toBe(`${clear}half\n`);
  expect(written[2]).toBe(written[0]!.replace(clear, ''));
  expect(written.slice(4)).toEqual(['\n']);
});

test('wrong reports are refused by name', () => {
  const progress = new ProgressLine(2, { output: recorder().output });
  const update = progress.update.bind(progress) as (...values: unknown[]) => void;
  expect(() => update('1')).toThrow(/^\[ProgressLine.update\] step must be/);
  expect(() => update(1, 5)).toThrow(/^\[ProgressLine.update\] report must be/);
  expect(() => update(1, { loss: 'x' })).toThrow(/^\[ProgressLine.update\] loss must be/);
});

test('the weights of a running mean add up to one', () => {
  for (const decay of [0, 0.5, 0.95, 1]) {
    const mean = new RunningMean(decay);
    expect(mean.value).toBeNaN();
    for (let i = 0; i < 10; ++i) expect(mean.add(7)).toBeCloseTo(7, 12);
  }
  const mean = new RunningMean(0.9);
  mean.add(1);
  // (0.9 * 1 + 3) / 1.9
  expect(mean.add(3)).toBeCloseTo(3.9 / 1.9, 12);
});
