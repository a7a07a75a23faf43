import { RunningMean } from '@mlx/optimizers';
import { writeFileSync } from 'node:fs';
import { gridLine, svg, text } from './svg';

const [width, height] = [720, 420];
const plot = { left: 64, right: width - 24, top: 44, bottom: height - 52 };
/** A single step may dip further below the curve than it is worth showing. */
const deepestDip = 10;
const smallestLoss = 1e-8;

/** The loss of every step on a logarithmic scale, faint, and its running mean. */
export async function writeLossChart(file: string, losses: number[]): Promise<void> {
  // The scales are ES modules only.
  const { scaleLinear, scaleLog } = await import('d3-scale');
  const { line } = await import('d3-shape');

  const mean = new RunningMean(0.9);
  const smooth = losses.map((loss) => mean.add(loss));
  const floor = Math.max(Math.min(...smooth) / deepestDip, smallestLoss);
  const lowest = Math.max(Math.min(...losses), floor);
  const x = scaleLinear([1, Math.max(losses.length, 2)], [plot.left, plot.right]);
  const y = scaleLog([lowest, Math.max(...losses, 2 * lowest)], [plot.bottom, plot.top]);

  const curve = line<number>()
    .x((_, i) => x(i + 1))
    .y((loss) => y(Math.max(loss, lowest)));
  const parts = [text(width / 2, 26, 'training loss', 'title')];
  for (const tick of roundOnes(y.ticks())) {
    parts.push(gridLine(plot.left, y(tick), plot.right, y(tick)));
    parts.push(text(plot.left - 8, y(tick) + 4, String(tick), 'left-of'));
  }
  for (const tick of x.ticks(7).filter(Number.isInteger)) {
    parts.push(gridLine(x(tick), plot.bottom, x(tick), plot.bottom + 5));
    parts.push(text(x(tick), plot.bottom + 20, tick.toLocaleString('en-US')));
  }
  parts.push(
    text((plot.left + plot.right) / 2, height - 12, 'step'),
    `<path d="${curve(losses)}" class="line" stroke-opacity="0.25"/>`,
    `<path d="${curve(smooth)}" class="line" stroke-width="2"/>`,
  );
  writeFileSync(file, svg(width, height, parts));
}

/** Of a logarithmic scale's ticks, those that begin with 1, 2 or 5; with 1 alone where they suffice. */
function roundOnes(ticks: number[]): number[] {
  const withLeading = (digits: string) =>
    ticks.filter((tick) => digits.includes(tick.toExponential(0)[0]!));
  const decades = withLeading('1');
  return decades.length > 3 ? decades : withLeading('125');
}
